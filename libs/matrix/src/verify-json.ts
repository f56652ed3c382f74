import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { fromBase64 } from './base64.ts';
import { CanonicalJsonError } from './canonical-json.ts';
import { signedBytes, type JsonObject } from './sign-json.ts';

const SIGNATURE_BYTES = 64;
/** What stands before the key in its X.509 form (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether `signature`, in base64 with or without padding, is one of `object` by the key of these 32 bytes. */
export function isSignedBy(object: JsonObject, signature: string, publicKey: Uint8Array): boolean {
  const bytes = fromBase64(signature, SIGNATURE_BYTES);
  const message = bytesOf(object);
  const key = toKeyObject(publicKey);
  return bytes !== undefined && message !== undefined && key !== undefined && verify(null, message, key, bytes);
}

/** What has no canonical form was signed by nobody. */
function bytesOf(object: JsonObject): Buffer | undefined {
  try {
    return signedBytes(object);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function toKeyObject(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.byteLength !== 32) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}
