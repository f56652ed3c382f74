import { LRUCache } from 'lru-cache';
import { Lookups } from './lookups.ts';

export interface BodyCacheLimits {
  /** Memory for all bodies together. */
  readonly maxBytes: number;
  /** A larger body is never kept. */
  readonly maxBodyBytes: number;
}

/** Keeps small bodies in memory, by digest; bounded by bytes. */
export class BodyCache {
  readonly maxBodyBytes: number;
  readonly lookups = new Lookups();
  readonly #bodies: LRUCache<string, Buffer>;

  constructor(limits: BodyCacheLimits) {
    this.maxBodyBytes = Math.min(limits.maxBodyBytes, limits.maxBytes);
    this.#bodies = new LRUCache({ maxSize: Math.max(limits.maxBytes, 1), sizeCalculation: (body) => body.byteLength + 256 });
  }

  get(digest: string): Buffer | undefined {
    return this.lookups.count(this.#bodies.get(digest));
  }

  get usedBytes(): number {
    return this.#bodies.calculatedSize;
  }

  /** Keeps a copy, since a part of a received message would hold the whole message in memory. */
  set(digest: string, body: Uint8Array): Buffer {
    const copy = Buffer.from(body);
    if (copy.byteLength <= this.maxBodyBytes) this.#bodies.set(digest, copy);
    return copy;
  }
}
