import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { fromBase64 } from './base64.ts';

/** A key that signs in the name of a server. */
export interface SigningKey {
  /** `ed25519:` and its version. */
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A file of signing keys that cannot be read; says in which line, and never what stands there. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}

const SEED_BYTES = 32;
const VERSION = /^[A-Za-z0-9_]+$/;
/** What stands before the seed in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PEM_BEGIN = /^-----BEGIN (?:MATRIX|MMR) PRIVATE KEY-----$/;

/**
 * The keys of a file as Synapse writes it (a line `ed25519 <version> <unpadded base64 of the seed>` for each), or as Dendrite
 * and matrix-media-repo do (PEM with a header `Key-ID`). There is at least one. Throws SigningKeyError.
 */
export function parseSigningKeys(text: string): readonly [SigningKey, ...SigningKey[]] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ text: line.trim(), number: index + 1 })).filter((line) => line.text !== '');
  const [first, ...more] = lines;
  if (first === undefined) throw new SigningKeyError('holds no key');
  if (PEM_BEGIN.test(first.text)) return [parsePem(lines)];
  return [parseLine(first), ...more.map(parseLine)];
}

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

function parseLine({ text, number }: Line): SigningKey {
  const [algorithm, version, seed, ...rest] = text.split(/\s+/);
  if (seed === undefined || rest.length > 0) throw new SigningKeyError(`line ${number}: must be: ed25519 <version> <unpadded base64 of the seed>`);
  if (algorithm !== 'ed25519') throw new SigningKeyError(`line ${number}: the algorithm must be ed25519`);
  return toKey(version ?? '', seed, number);
}

function parsePem(lines: readonly Line[]): SigningKey {
  const header = lines.find((line) => /^key-id:/i.test(line.text));
  if (header === undefined) throw new SigningKeyError('line 1: there is no header Key-ID below');
  const [, algorithm, version = ''] = /^key-id:\s*([^:]*):(.*)$/i.exec(header.text) ?? [];
  if (algorithm !== 'ed25519') throw new SigningKeyError(`line ${header.number}: must be: Key-ID: ed25519:<version>`);
  const body = lines.filter(({ text }) => /^[A-Za-z0-9+/=]+$/.test(text));
  const end = lines.at(-1);
  if (end === undefined || !/^-----END (?:MATRIX|MMR) PRIVATE KEY-----$/.test(end.text)) throw new SigningKeyError(`line ${end?.number}: must be the end of the key`);
  return toKey(version, body.map(({ text }) => text).join(''), body[0]?.number ?? end.number);
}

function toKey(version: string, base64: string, line: number): SigningKey {
  if (!VERSION.test(version)) throw new SigningKeyError(`line ${line}: the version must be of letters, digits and _`);
  const seed = fromBase64(base64, SEED_BYTES);
  if (seed === undefined) throw new SigningKeyError(`line ${line}: the seed is not ${SEED_BYTES} bytes in base64`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
  return { keyId: `ed25519:${version}`, privateKey, publicKey };
}
