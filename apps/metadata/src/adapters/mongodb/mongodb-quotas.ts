import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decideOnQuota, plus, UNCERTAIN_LIFETIME_MS, userLimitExceeded, type Amount, type QuotaWish } from '../../domain/quota-rules.ts';
import type { QuotaGrant, QuotaRelease, Quotas } from '../../ports/quotas.ts';
import { OneByOne } from '../../usecases/one-by-one.ts';
import { amountOf, type QuotaDocument } from './quota-documents.ts';
import { QuotaSums, USED_LIFETIME_MS } from './quota-sums.ts';
import { guarded, type MongoDbSession } from './session.ts';

/** Whoever was inserted later than that may still be refused, and go. */
const RIVAL_MS = 1000;
const TRIES = 8;
const PAUSE_MS = 60;
/** So many lapsed reservations of a user are removed at once, by the way. */
const LAPSED_AT_ONCE = 20;

/**
 * Each inserts his reservation first and counts then: what is reserved, and what is recorded, in this order, since an upload
 * goes from the one to the other. So of several that come at once none can overlook another; at worst all see too many.
 * Then the first by name stays, and the others go and come again. In one process they take turns.
 */
export class MongoDbQuotas implements Quotas {
  readonly #session: MongoDbSession;
  readonly #sums: QuotaSums;
  readonly #turns = new OneByOne();

  constructor(session: MongoDbSession) {
    this.#session = session;
    this.#sums = new QuotaSums(session);
  }

  reserve(wish: QuotaWish, signal: AbortSignal): Promise<QuotaGrant> {
    return guarded(signal, () => this.#turns.run(wish.userId, () => this.#reserve(wish, signal)));
  }

  release({ reservation, isUsed }: QuotaRelease, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const { quotaReservations, now } = this.#session;
      const soon = now() + UNCERTAIN_LIFETIME_MS;
      if (isUsed === undefined) await quotaReservations.updateOne({ _id: reservation, lapsesAt: { $gt: soon } }, { $set: { lapsesAt: soon } });
      else if (isUsed) await quotaReservations.updateOne({ _id: reservation }, { $set: { isUsed, lapsesAt: now() + USED_LIFETIME_MS } });
      else await quotaReservations.deleteOne({ _id: reservation });
    });
  }

  use(userId: string, windowsMs: readonly number[], signal: AbortSignal): Promise<readonly Amount[]> {
    return guarded(signal, async () => {
      const open = openOf(await this.#live(userId));
      return Promise.all(windowsMs.map(async (windowMs) => plus(await this.#sums.ask(userId, windowMs, ['bytes', 'files']), open)));
    });
  }

  expire(limit: number, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const { quotaReservations, now } = this.#session;
      const lapsed = await quotaReservations.find({ lapsesAt: { $lte: now() } }, { projection: { _id: 1 } }).limit(limit).toArray();
      if (lapsed.length === 0) return 0;
      return (await quotaReservations.deleteMany({ _id: { $in: lapsed.map(({ _id }) => _id) } })).deletedCount;
    });
  }

  /** Whoever does not wait for the answer any more would not release it either. */
  async #reserve(wish: QuotaWish, signal: AbortSignal): Promise<QuotaGrant> {
    signal.throwIfAborted();
    const _id = randomUUID();
    const { quotaReservations } = this.#session;
    let isGranted = false;
    try {
      const bytes = await this.#contend(_id, wish);
      if (bytes === undefined) throw userLimitExceeded();
      // Until now others have counted all of it.
      if (bytes < wish.bytes) await quotaReservations.updateOne({ _id }, { $set: { bytes } });
      signal.throwIfAborted();
      isGranted = true;
      return { reservation: _id, bytes };
    } finally {
      if (!isGranted) await quotaReservations.deleteOne({ _id });
    }
  }

  /** How much it may have, or `undefined`; whether its reservation is still there then is left to the caller. */
  async #contend(_id: string, wish: QuotaWish): Promise<number | undefined> {
    let isThere = false;
    for (let tries = 1; ; tries += 1) {
      if (!isThere) await this.#insert(_id, wish);
      const others = (await this.#live(wish.userId)).filter((other) => other._id !== _id);
      const bytes = this.#decideByMemory(wish, others) ?? await this.#decide(wish, openOf(others));
      if (bytes !== undefined) return bytes;
      const rivals = others.filter(({ isUsed, at }) => !isUsed && at > this.#session.now() - RIVAL_MS);
      if (rivals.length === 0 || tries === TRIES || !this.#mayFit(wish, others.filter((other) => !rivals.includes(other)))) return undefined;
      isThere = rivals.every((rival) => _id < rival._id);
      if (!isThere) await this.#session.quotaReservations.deleteOne({ _id });
      await sleep(randomInt(PAUSE_MS));
    }
  }

  async #insert(_id: string, { userId, bytes, lifetimeMs }: QuotaWish): Promise<void> {
    const at = this.#session.now();
    await this.#session.quotaReservations.insertOne({ _id, userId, bytes, at, lapsesAt: at + lifetimeMs, isUsed: false });
  }

  /** Whether all of it fits even if everything that was reserved since has come to the sums that are known. */
  #decideByMemory(wish: QuotaWish, others: readonly QuotaDocument[]): number | undefined {
    const sums = this.#sums.recall(wish.userId);
    const step = sums && decideOnQuota(wish, sums, amountOf(others));
    return step?.kind === 'granted' && step.bytes === wish.bytes ? step.bytes : undefined;
  }

  /** Whether it could fit beside these and what was recorded when last asked. */
  #mayFit(wish: QuotaWish, others: readonly QuotaDocument[]): boolean {
    return decideOnQuota(wish, this.#sums.recall(wish.userId) ?? new Map(), openOf(others)).kind !== 'refused';
  }

  async #decide(wish: QuotaWish, reserved: Amount): Promise<number | undefined> {
    const at = this.#session.now();
    const sums = new Map<number, Amount>();
    for (;;) {
      const step = decideOnQuota(wish, sums, reserved);
      if (step.kind === 'unknown') {
        sums.set(step.windowMs, await this.#sums.ask(wish.userId, step.windowMs, measuresOf(wish)));
        continue;
      }
      this.#sums.remember(wish.userId, { at, byWindow: sums });
      return step.kind === 'granted' ? step.bytes : undefined;
    }
  }

  /** The user's reservations that have not lapsed, used ones among them. */
  async #live(userId: string): Promise<QuotaDocument[]> {
    const { quotaReservations } = this.#session;
    const all = await quotaReservations.find({ userId }, { batchSize: 1000 }).toArray();
    const now = this.#session.now();
    const live = all.filter(({ lapsesAt }) => lapsesAt > now);
    if (all.length - live.length >= LAPSED_AT_ONCE) await quotaReservations.deleteMany({ userId, lapsesAt: { $lte: now } });
    return live;
  }
}

/** What the limits are about. */
function measuresOf({ limits }: QuotaWish): (keyof Amount)[] {
  return [
    ...(limits.some(({ maxBytes }) => maxBytes !== undefined) ? ['bytes' as const] : []),
    ...(limits.some(({ maxFiles }) => maxFiles !== undefined) ? ['files' as const] : []),
  ];
}

/** What those keep that are not used yet. */
function openOf(documents: readonly QuotaDocument[]): Amount {
  return amountOf(documents.filter(({ isUsed }) => !isUsed));
}
