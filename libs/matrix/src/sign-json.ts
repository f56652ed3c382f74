import { sign } from 'node:crypto';
import { toBase64 } from './base64.ts';
import { canonicalJson } from './canonical-json.ts';
import type { SigningKey } from './signing-key.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** By the name of the server, and by the id of the key. */
type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a signature of `object` is made over (appendices, “Signing JSON”): all of it but `signatures` and `unsigned`. */
export function signedBytes({ signatures: _signatures, unsigned: _unsigned, ...rest }: JsonObject): Buffer {
  return Buffer.from(canonicalJson(rest));
}

/** The signature of an object in unpadded base64. Throws CanonicalJsonError if it cannot be signed. */
export function signatureOf(object: JsonObject, { privateKey }: Pick<SigningKey, 'privateKey'>): string {
  return toBase64(sign(null, signedBytes(object), privateKey));
}

/** The object with a signature by `name` besides those that it has. Throws CanonicalJsonError if it cannot be signed. */
export function signJson<Value extends JsonObject>(object: Value & { readonly signatures?: Signatures }, name: string, key: SigningKey): Value & { readonly signatures: Signatures } {
  const own = { ...object.signatures?.[name], [key.keyId]: signatureOf(object, key) };
  return { ...object, signatures: { ...object.signatures, [name]: own } };
}
