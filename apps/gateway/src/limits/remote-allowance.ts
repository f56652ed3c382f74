import type { RateLimitsConfig } from '@medley/config/rate-limits';
import { MediaError } from '@medley/domain/media-error';
import { ByteBuckets } from './byte-bucket.ts';

/** Room for so much must be there before another server is asked, since nobody knows what will come. */
const LEAST_ROOM_BYTES = 2 ** 20;

/** How much may be fetched from other servers: for each who asks, and from each server (CVE-2024-37302: else anybody could fill the disk). */
export class RemoteAllowances {
  readonly #perAsker: ByteBuckets;
  readonly #perServer: ByteBuckets;
  readonly #leastBytes: number;

  constructor(limits: RateLimitsConfig['remote_download'], now?: () => number) {
    this.#perAsker = new ByteBuckets(limits.per_user, now);
    this.#perServer = new ByteBuckets(limits.per_server, now);
    const bursts = [limits.per_user.burst, limits.per_server.burst].filter((burst) => burst > 0);
    this.#leastBytes = Math.min(LEAST_ROOM_BYTES, ...bursts);
  }

  /** Takes what one fetch takes at least. Throws RATE_LIMITED where there is no room for that. */
  open(asker: string, server: string): RemoteAllowance {
    const takes = [[this.#perAsker, asker], [this.#perServer, server]] as const;
    return new RemoteAllowance(takes, this.#leastBytes);
  }
}

/** What one fetch may take, and has taken. */
export class RemoteAllowance {
  /** More than this there was no room for. */
  readonly maxBytes: number;
  readonly #takes: readonly (readonly [ByteBuckets, string])[];
  #takenBytes = 0;

  constructor(takes: readonly (readonly [ByteBuckets, string])[], leastBytes: number) {
    this.#takes = takes;
    this.maxBytes = Math.floor(Math.min(...takes.map(([buckets, name]) => buckets.room(name))));
    if (this.maxBytes < leastBytes) throw this.refusal(leastBytes);
    this.settle(leastBytes);
  }

  /** Says how much it really is, as far as that is known by now. */
  settle(bytes: number): void {
    for (const [buckets, name] of this.#takes) buckets.take(name, bytes - this.#takenBytes);
    this.#takenBytes = bytes;
  }

  /** The refusal of so many bytes, which tells when there will be room for them. */
  refusal(bytes: number): MediaError {
    const retryAfterMs = Math.max(1000, ...this.#takes.map(([buckets, name]) => buckets.waitMs(name, bytes)));
    return new MediaError('RATE_LIMITED', 'Requested file size exceeds ratelimits', { retryAfterMs });
  }
}
