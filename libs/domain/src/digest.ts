import { MediaError } from './media-error.ts';

/** Lower-case hex SHA-256 of a blob; its identity. */
export type Digest = string & { readonly __brand: 'Digest' };

const DIGEST = /^[0-9a-f]{64}$/;

/** Reads a digest. Throws INVALID_PARAM. */
export function parseDigest(text: string): Digest {
  if (!DIGEST.test(text)) throw new MediaError('INVALID_PARAM', 'Not a SHA-256 digest in lower-case hex');
  return text as Digest;
}
