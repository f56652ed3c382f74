import { LRUCache } from 'lru-cache';
import { Lookups } from './lookups.ts';

export interface BodyCacheLimits {
  /** Memory for all bodies together. */
  readonly maxBytes: number;
  /** A larger body is never kept. */
  readonly maxBodyBytes: number;
}

/** Keeps small bodies in memory, by their addresses: what lies in two stores is kept for each; bounded by bytes. */
export class BodyCache {
  readonly maxBodyBytes: number;
  readonly lookups = new Lookups();
  readonly #bodies: LRUCache<string, Buffer>;

  constructor(limits: BodyCacheLimits) {
    this.maxBodyBytes = Math.min(limits.maxBodyBytes, limits.maxBytes);
    this.#bodies = new LRUCache({ maxSize: Math.max(limits.maxBytes, 1), sizeCalculation: (body) => body.byteLength + 256 });
  }

  get(address: string): Buffer | undefined {
    return this.lookups.count(this.#bodies.get(address));
  }

  get usedBytes(): number {
    return this.#bodies.calculatedSize;
  }

  /** Keeps a copy, since a part of a received message would hold the whole message in memory. */
  set(address: string, body: Uint8Array): Buffer {
    const copy = Buffer.from(body);
    if (copy.byteLength <= this.maxBodyBytes) this.#bodies.set(address, copy);
    return copy;
  }
}
