import { LRUCache } from 'lru-cache';
import { Lookups } from './lookups.ts';

/** A thumbnail as it is answered. */
export interface CachedThumbnail {
  readonly contentType: string;
  readonly version: string;
  readonly bytes: Buffer;
}

/** Keeps small thumbnails in memory, by the store and digest of their source and what was made of it; bounded by bytes. */
export class ThumbnailCache {
  readonly lookups = new Lookups();
  readonly #maxBodyBytes: number;
  readonly #thumbnails: LRUCache<string, CachedThumbnail>;

  constructor(limits: { readonly maxBytes: number; readonly maxBodyBytes: number }) {
    this.#maxBodyBytes = limits.maxBodyBytes;
    this.#thumbnails = new LRUCache({
      maxSize: Math.max(limits.maxBytes, 1),
      sizeCalculation: ({ bytes }) => bytes.byteLength + 256,
    });
  }

  get(key: string): CachedThumbnail | undefined {
    return this.lookups.count(this.#thumbnails.get(key));
  }

  get usedBytes(): number {
    return this.#thumbnails.calculatedSize;
  }

  set(key: string, thumbnail: CachedThumbnail): void {
    if (thumbnail.bytes.byteLength <= this.#maxBodyBytes) this.#thumbnails.set(key, thumbnail);
  }
}
