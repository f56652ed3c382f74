import { createHash } from 'node:crypto';
import type { BlobKey } from '@medley/domain/blob-key';
import { parseDigest, type Digest } from '@medley/domain/digest';
import type { BlobStore } from './blob-store.ts';

/** A store that is empty and nobody else's. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: BlobStore;
  /** The size at which the adapter begins another part or batch. */
  readonly partBytes: number;
  /** The names of whatever unfinished uploads left behind. */
  leftovers(): Promise<readonly string[]>;
  /** The names of all files or objects, and of folders that hold none, whoever made them. */
  names(): Promise<readonly string[]>;
  /** Puts other bytes in the place of a blob's own, as a failing disk would. */
  damage(key: BlobKey, bytes: Uint8Array): Promise<void>;
}

export const NEVER = new AbortController().signal;
export const CHUNK_BYTES = 60_000;
export const UNLIMITED = { maxBytes: 2 ** 30 };

export async function* chunksOf(bytes: Uint8Array, chunkBytes = CHUNK_BYTES): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export function sha256(bytes: Uint8Array): Digest {
  return parseDigest(createHash('sha256').update(bytes).digest('hex'));
}
