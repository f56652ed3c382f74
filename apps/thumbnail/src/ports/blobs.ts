import type { BlobKey } from '@medley/domain/blob-key';
import type { Digest } from '@medley/domain/digest';
import type { Thumbnail } from '../thumbnail.ts';

/** Where sources come from and thumbnails are kept. */
export interface Blobs {
  /** The thumbnail kept under `key`, or `undefined`. Rejects when `signal` aborts. */
  findThumbnail(key: BlobKey, signal: AbortSignal): Promise<Thumbnail | undefined>;

  /**
   * All bytes of a source. Fails with NOT_FOUND where there is none, with TOO_LARGE before reading one that is larger
   * than the service takes, or than `maxBytes`, with BLOB_CORRUPT where it ends early. Rejects when `signal` aborts.
   */
  readSource(digest: Digest, signal: AbortSignal, maxBytes?: number): Promise<Uint8Array>;

  /** Keeps a thumbnail, all or nothing. To keep the same one again is no failure. */
  saveThumbnail(key: BlobKey, bytes: Uint8Array): Promise<void>;
}
