import type { BlobAddress } from '@medley/domain/blob-key';
import type { Thumbnail } from '../thumbnail.ts';

/** Where sources come from and thumbnails are kept. */
export interface Blobs {
  /** The thumbnail kept under `key`, or `undefined`. Rejects when `signal` aborts. */
  findThumbnail(key: BlobAddress, signal: AbortSignal): Promise<Thumbnail | undefined>;

  /**
   * All bytes of a source. Fails with NOT_FOUND where there is none, with TOO_LARGE before reading one that is larger
   * than the service takes, or than `maxBytes`, with BLOB_CORRUPT where it ends early. Rejects when `signal` aborts.
   */
  readSource(source: BlobAddress, signal: AbortSignal, maxBytes?: number): Promise<Uint8Array>;

  /** Keeps a thumbnail, all or nothing. To keep the same one again is no failure. */
  saveThumbnail(key: BlobAddress, bytes: Uint8Array): Promise<void>;
}
