import { MediaError } from '@medley/domain/media-error';
import { MemoryShare } from './memory-share.ts';

export interface UploadMemoryOptions {
  /** What all uploads together may take. */
  readonly totalBytes: number;
  /** How long an upload waits for its share before it fails with BUSY, in milliseconds. */
  readonly waitMs: number;
}

/** Whoever gathers more slowly than a poor phone connection gives way to those who wait. */
const MIN_BYTES_PER_MS = 32;
/** Before that nobody's pace is known. */
const PACE_KNOWN_AFTER_MS = 5000;
const RETRY_AFTER_MS = 5000;

/**
 * The memory in which uploads gather their parts: first come, first served. Nobody may wait for a share while holding
 * one. While somebody waits, those who gather too slowly lose theirs, the slowest first: otherwise a few senders who
 * trickle would stop everyone else.
 */
export class UploadMemory {
  readonly #waitMs: number;
  readonly #paceKnownAfterMs: number;
  readonly #held = new Set<MemoryShare>();
  readonly #waiting: Waiter[] = [];
  readonly #spareBlocks: Buffer[] = [];
  #freeBytes: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ totalBytes, waitMs }: UploadMemoryOptions) {
    this.#freeBytes = totalBytes;
    this.#waitMs = waitMs;
    this.#paceKnownAfterMs = Math.min(PACE_KNOWN_AFTER_MS, waitMs / 4);
  }

  /** What nobody holds. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** A share, if there is one at once. `onEvicted` hears if it has to be given back because it fills too slowly. */
  takeIfFree(sizeBytes: number, onEvicted: (reason: MediaError) => void): MemoryShare | undefined {
    if (this.#waiting.length > 0 || sizeBytes > this.#freeBytes) return undefined;
    return this.#give(sizeBytes, onEvicted);
  }

  /** The same, after all who came before. Rejects with BUSY when that takes too long, and with the signal's reason when it aborts. */
  async take(sizeBytes: number, onEvicted: (reason: MediaError) => void, signal: AbortSignal): Promise<MemoryShare> {
    signal.throwIfAborted();
    const free = this.takeIfFree(sizeBytes, onEvicted);
    if (free !== undefined) return free;
    const { promise, resolve, reject } = Promise.withResolvers<MemoryShare>();
    const waiter: Waiter = { sizeBytes, give: () => resolve(this.#give(sizeBytes, onEvicted)) };
    this.#waiting.push(waiter);
    this.#timer ??= setInterval(() => this.#evictSlowest(), this.#paceKnownAfterMs / 4);
    const timeout = setTimeout(() => reject(busy()), this.#waitMs);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timeout);
      signal.removeEventListener('abort', onAbort);
      const at = this.#waiting.indexOf(waiter);
      if (at !== -1) this.#waiting.splice(at, 1);
      this.#serve();
    }
  }

  #give(sizeBytes: number, onEvicted: (reason: MediaError) => void): MemoryShare {
    this.#freeBytes -= sizeBytes;
    const share = new MemoryShare(this.#spareBlocks, onEvicted, () => {
      this.#held.delete(share);
      this.#freeBytes += sizeBytes;
      this.#serve();
      // Nobody needs them now; who comes next makes new ones.
      if (this.#held.size === 0) this.#spareBlocks.length = 0;
    });
    this.#held.add(share);
    return share;
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.sizeBytes <= this.#freeBytes; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.give();
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Of those who are too slow, as many as are waited for. */
  #evictSlowest(): void {
    const paces = [...this.#held].map((share) => ({ share, pace: share.bytesPerMs(this.#paceKnownAfterMs) }));
    const slow = paces.filter(({ pace }) => pace < MIN_BYTES_PER_MS).toSorted((one, other) => one.pace - other.pace);
    for (const { share } of slow.slice(0, this.#waiting.length)) share.evict(busy());
  }
}

interface Waiter {
  readonly sizeBytes: number;
  readonly give: () => void;
}

function busy(): MediaError {
  return new MediaError('BUSY', 'Too many uploads at once', { retryAfterMs: RETRY_AFTER_MS });
}
