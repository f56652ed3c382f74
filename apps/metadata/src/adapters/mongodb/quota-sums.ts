import type { Amount } from '../../domain/quota-rules.ts';
import type { MongoDbSession } from './session.ts';

/** How long a sum is remembered. What was used since is kept longer, by any clock that is less than a minute off. */
export const SUM_LIFETIME_MS = 30_000;
export const USED_LIFETIME_MS = 90_000;

const MAX_USERS = 10_000;

/** What each measure adds up. */
const MEASURES = { bytes: '$sizeBytes', files: 1 } as const;

/** Sums of one user's uploads by window, and since when nothing is known. */
export interface KnownSums {
  readonly at: number;
  readonly byWindow: ReadonlyMap<number, Amount>;
}

/** Adds up what users have, and remembers it for a while. */
export class QuotaSums {
  readonly #session: MongoDbSession;
  readonly #known = new Map<string, KnownSums>();

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  /** What the records say; Infinity of what nobody wants to know. */
  async ask(userId: string, windowMs: number, wanted: readonly (keyof Amount)[]): Promise<Amount> {
    const after = windowMs === 0 ? undefined : this.#session.now() - windowMs;
    const sums = wanted.map(async (measure) => [measure, await this.#sum(userId, after, MEASURES[measure])] as const);
    return { bytes: Infinity, files: Infinity, ...Object.fromEntries(await Promise.all(sums)) };
  }

  /** Sums that are not too old; the user has at most this, and what was reserved since. */
  recall(userId: string): ReadonlyMap<number, Amount> | undefined {
    const known = this.#known.get(userId);
    return known !== undefined && this.#session.now() - known.at < SUM_LIFETIME_MS ? known.byWindow : undefined;
  }

  /** Keeps sums in mind that were asked for since `known.at`. */
  remember(userId: string, known: KnownSums): void {
    this.#known.delete(userId);
    this.#known.set(userId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_USERS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** One at a time: of two sums in one group not every server works out the second. */
  async #sum(userId: string, after: number | undefined, measure: number | string): Promise<number> {
    const match = { userId, kind: 'local' as const, ...(after !== undefined && { createdAt: { $gt: after } }) };
    const group = { _id: null, sum: { $sum: measure } };
    const [total] = await this.#session.media.aggregate<{ sum: number }>([{ $match: match }, { $group: group }]).toArray();
    return total?.sum ?? 0;
  }
}
