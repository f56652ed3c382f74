import type { RateLimitsConfig } from '@medley/config/rate-limits';
import { refilled, type PermitClaim } from '@medley/domain/token-buckets';
import type { MediaError } from '@medley/domain/media-error';
import type { FetchFor } from '../usecases/remote/join-fill.ts';
import { AtOnce } from './at-once.ts';
import { toBucketName } from './bucket-name.ts';
import type { Bucket } from './lease.ts';
import type { PermitSource } from './permit-source.ts';
import type { Refusals } from './refusals.ts';

/** Room for so much must be there before another server is asked, since nobody knows what will come. */
const LEAST_ROOM_BYTES = 2 ** 20;
/** What one asker may have fetched at once: half of what federation-fetch does by default, so that nobody alone keeps it from all others by servers that hang. */
const MAX_AT_ONCE = 50;
const RETRY_AFTER_MS = 1000;

export interface RemoteAllowancesOptions {
  readonly rates: RateLimitsConfig['remote_download'];
  readonly permits: Pick<PermitSource, 'take'>;
  readonly refusals: Refusals;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/** How much may be fetched from other servers: for each who asks, and from each server (CVE-2024-37302: else anybody could fill the disk). */
export class RemoteAllowances {
  readonly #options: Required<RemoteAllowancesOptions>;
  readonly #leastBytes: number;
  readonly #atOnce = new AtOnce(MAX_AT_ONCE);

  constructor(options: RemoteAllowancesOptions) {
    this.#options = { now: () => performance.now(), ...options };
    const { per_user, per_server } = options.rates;
    this.#leastBytes = Math.min(LEAST_ROOM_BYTES, ...[per_user.burst, per_server.burst].filter((burst) => burst > 0));
  }

  /** Begins to take what one fetch takes at least. Throws RATE_LIMITED if too much is being fetched for this asker. */
  open({ tenant: { serverName }, asker }: Pick<FetchFor, 'tenant' | 'asker'>, server: string): RemoteAllowance {
    const { rates: { per_user, per_server }, refusals } = this.#options;
    const name = `${serverName} fetches of ${asker}`;
    const end = this.#atOnce.begin(name);
    if (end === undefined) throw refusals.make('remote_download', RETRY_AFTER_MS, 'Too much remote media at once');
    const rates = [[name, per_user], [`${serverName} fetches from ${server}`, per_server]] as const;
    const buckets = rates.filter(([, { burst }]) => burst > 0)
      .map(([bucket, { bytes_per_second: perSecond, burst }]): Bucket => ({ name: toBucketName(bucket), perSecond, burst }));
    return new RemoteAllowance(buckets, { ...this.#options, leastBytes: this.#leastBytes, onEnd: end });
  }
}

/** What was in a bucket when it last answered, less what was taken since. */
interface Seen {
  readonly bucket: Bucket;
  left: number;
  at: number;
}

type AllowanceOptions = Required<RemoteAllowancesOptions> & { readonly leastBytes: number; readonly onEnd: () => void };

/** What one fetch may take, and has taken. */
export class RemoteAllowance {
  /** Settles when the first bytes were taken; rejects with RATE_LIMITED where there is no room for them. */
  readonly granted: Promise<void>;
  readonly #options: AllowanceOptions;
  readonly #seen: readonly Seen[];
  #maxBytes = 0;
  #takenBytes = 0;

  constructor(buckets: readonly Bucket[], options: AllowanceOptions) {
    this.#options = options;
    this.#seen = buckets.map((bucket) => ({ bucket, left: bucket.burst, at: options.now() }));
    this.granted = this.#take(options.leastBytes);
    this.granted.catch(() => {}); // whoever waits for it hears of it
  }

  /** More than this there was no room for; known once it is granted. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Says how much it really is, as far as that is known by now. What goes beyond the room is owed. */
  settle(bytes: number): void {
    this.#report(this.#seen, bytes - this.#takenBytes);
    this.#takenBytes = bytes;
  }

  /** The fetch is over. To be called once. */
  end(): void {
    this.#options.onEnd();
  }

  /** The refusal of so many bytes, which tells when there will be room for them; for more than there can ever be, when all is. */
  refusal(bytes: number): MediaError {
    const waits = this.#seen.map(({ bucket, left, at }) => {
      const missing = Math.min(bytes, bucket.burst) - refilled(left, bucket, this.#options.now() - at);
      return (missing / Math.max(1, bucket.perSecond)) * 1000;
    });
    return this.#options.refusals.make('remote_download', Math.max(RETRY_AFTER_MS, ...waits), 'Requested file size exceeds ratelimits');
  }

  async #take(bytes: number): Promise<void> {
    const grants = await this.#options.permits.take(this.#seen.map(({ bucket }) => toClaim(bucket, bytes)));
    this.#seen.forEach((seen, index) => Object.assign(seen, { left: grants[index]?.left ?? 0, at: this.#options.now() }));
    const granted = this.#seen.filter((_seen, index) => grants[index]?.granted === bytes);
    if (granted.length < this.#seen.length) {
      this.#report(granted, -bytes);
      throw this.refusal(bytes);
    }
    this.#takenBytes = bytes;
    this.#maxBytes = Math.floor(Math.min(...this.#seen.map(({ left }) => left + bytes)));
  }

  #report(some: readonly Seen[], bytes: number): void {
    if (bytes === 0 || some.length === 0) return;
    for (const seen of some) seen.left -= bytes;
    void this.#options.permits.take(some.map(({ bucket }) => ({ ...toClaim(bucket, bytes), forced: true })));
  }
}

function toClaim({ name, perSecond, burst }: Bucket, wanted: number): PermitClaim {
  return { bucket: name, perSecond, burst, wanted, partial: false, forced: false };
}
