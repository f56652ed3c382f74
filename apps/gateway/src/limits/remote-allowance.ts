import type { RateLimitsConfig } from '@medley/config/rate-limits';
import { MediaError } from '@medley/domain/media-error';
import { AtOnce } from './at-once.ts';
import { ByteBuckets } from './byte-bucket.ts';

/** Room for so much must be there before another server is asked, since nobody knows what will come. */
const LEAST_ROOM_BYTES = 2 ** 20;
/** What one asker may have fetched at once: half of what federation-fetch does by default, so that nobody alone keeps it from all others by servers that hang. */
const MAX_AT_ONCE = 50;
const RETRY_AFTER_MS = 1000;

/** How much may be fetched from other servers: for each who asks, and from each server (CVE-2024-37302: else anybody could fill the disk). */
export class RemoteAllowances {
  readonly #perAsker: ByteBuckets;
  readonly #perServer: ByteBuckets;
  readonly #leastBytes: number;
  readonly #atOnce = new AtOnce(MAX_AT_ONCE);

  constructor(limits: RateLimitsConfig['remote_download'], now?: () => number) {
    this.#perAsker = new ByteBuckets(limits.per_user, now);
    this.#perServer = new ByteBuckets(limits.per_server, now);
    const bursts = [limits.per_user.burst, limits.per_server.burst].filter((burst) => burst > 0);
    this.#leastBytes = Math.min(LEAST_ROOM_BYTES, ...bursts);
  }

  /** Takes what one fetch takes at least. Throws RATE_LIMITED where there is no room for that, or too much is being fetched for this asker. */
  open(asker: string, server: string): RemoteAllowance {
    const end = this.#atOnce.begin(asker);
    if (end === undefined) throw new MediaError('RATE_LIMITED', 'Too much remote media at once', { retryAfterMs: RETRY_AFTER_MS });
    try {
      return new RemoteAllowance([[this.#perAsker, asker], [this.#perServer, server]], this.#leastBytes, end);
    } catch (error) {
      end();
      throw error;
    }
  }
}

/** What one fetch may take, and has taken. */
export class RemoteAllowance {
  /** More than this there was no room for. */
  readonly maxBytes: number;
  readonly #takes: readonly (readonly [ByteBuckets, string])[];
  readonly #onEnd: () => void;
  #takenBytes = 0;

  constructor(takes: readonly (readonly [ByteBuckets, string])[], leastBytes: number, onEnd: () => void) {
    this.#takes = takes;
    this.#onEnd = onEnd;
    this.maxBytes = Math.floor(Math.min(...takes.map(([buckets, name]) => buckets.room(name))));
    if (this.maxBytes < leastBytes) throw this.refusal(leastBytes);
    this.settle(leastBytes);
  }

  /** Says how much it really is, as far as that is known by now. */
  settle(bytes: number): void {
    for (const [buckets, name] of this.#takes) buckets.take(name, bytes - this.#takenBytes);
    this.#takenBytes = bytes;
  }

  /** The fetch is over. To be called once. */
  end(): void {
    this.#onEnd();
  }

  /** The refusal of so many bytes, which tells when there will be room for them. */
  refusal(bytes: number): MediaError {
    const retryAfterMs = Math.max(RETRY_AFTER_MS, ...this.#takes.map(([buckets, name]) => buckets.waitMs(name, bytes)));
    return new MediaError('RATE_LIMITED', 'Requested file size exceeds ratelimits', { retryAfterMs });
  }
}
