import type { BlobKey } from '@medley/domain/blob-key';
import { parseDigest, type Digest } from '@medley/domain/digest';

const ORIGINAL = /^blobs\/([0-9a-f]{2})\/([0-9a-f]{2})\/(\1\2[0-9a-f]{60})$/;
const DERIVED = /^derived\/([0-9a-f]{2})\/(\1[0-9a-f]{62})\/([a-z0-9-]{1,64})$/;

/** What a store keeps blobs under, in key order: originals, then derived blobs. */
export const BLOB_FOLDERS = ['blobs', 'derived'] as const;
/** What a store keeps unfinished blobs under. */
export const STAGING_FOLDER = 'staging';
/** Where a store says whose it is. */
export const OWNER_FOLDER = 'owner';

/**
 * Where a blob lies within a store, be it a folder or a bucket. Fanned out, so that no folder holds millions of files.
 * The order of these texts is the key order.
 */
export function toBlobPath({ digest, derivation }: BlobKey): string {
  if (derivation === '') return `blobs/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
  return `${toDerivedFolder(digest)}/${derivation}`;
}

/** What holds everything derived from one source, and nothing else. */
export function toDerivedFolder(digest: Digest): string {
  return `derived/${digest.slice(0, 2)}/${digest}`;
}

/** The reverse of toBlobPath; `undefined` for what no blob's path looks like. */
export function parseBlobPath(path: string): BlobKey | undefined {
  const original = ORIGINAL.exec(path)?.at(3);
  if (original !== undefined) return { digest: parseDigest(original), derivation: '' };
  const [, , source, derivation] = DERIVED.exec(path) ?? [];
  if (source === undefined || derivation === undefined) return undefined;
  return { digest: parseDigest(source), derivation };
}
