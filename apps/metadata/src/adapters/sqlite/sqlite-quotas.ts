import { randomUUID } from 'node:crypto';
import { decideOnQuota, plus, UNCERTAIN_LIFETIME_MS, userLimitExceeded, type Amount, type QuotaWish } from '../../domain/quota-rules.ts';
import type { QuotaGrant, QuotaRelease, Quotas } from '../../ports/quotas.ts';
import type { SqliteSession } from './session.ts';

/** How many lapsed reservations go with each new one. */
const LAPSED_AT_ONCE = 100;

/** Reservations as rows; to look and to reserve is one transaction. */
export class SqliteQuotas implements Quotas {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async reserve(wish: QuotaWish, signal: AbortSignal): Promise<QuotaGrant> {
    const { userId: user_id, lifetimeMs } = wish;
    return this.#session.write(signal, () => {
      const { sql, now } = this.#session;
      sql.expireQuota.run({ now: now(), limit: LAPSED_AT_ONCE });
      const bytes = this.#decide(wish);
      const reservation = randomUUID();
      sql.reserveQuota.run({ user_id, id: reservation, bytes, lapses_at: now() + lifetimeMs });
      return { reservation, bytes };
    });
  }

  async release({ userId, reservation, isUsed }: QuotaRelease, signal: AbortSignal): Promise<void> {
    const { sql, now } = this.#session;
    const name = { user_id: userId, id: reservation };
    this.#session.write(signal, () => (
      isUsed === undefined ? sql.shortenQuota.run({ ...name, lapses_at: now() + UNCERTAIN_LIFETIME_MS }) : sql.releaseQuota.run(name)
    ));
  }

  async use(userId: string, windowsMs: readonly number[], signal: AbortSignal): Promise<readonly Amount[]> {
    return this.#session.read(signal, () => {
      const reserved = this.#reserved(userId);
      return windowsMs.map((windowMs) => plus(this.#sum(userId, windowMs), reserved));
    });
  }

  async expire(limit: number, signal: AbortSignal): Promise<number> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => Number(sql.expireQuota.run({ now: now(), limit }).changes));
  }

  #decide(wish: QuotaWish): number {
    const sums = new Map<number, Amount>();
    const reserved = this.#reserved(wish.userId);
    for (;;) {
      const step = decideOnQuota(wish, sums, reserved);
      if (step.kind === 'granted') return step.bytes;
      if (step.kind === 'refused') throw userLimitExceeded();
      sums.set(step.windowMs, this.#sum(wish.userId, step.windowMs));
    }
  }

  #sum(userId: string, windowMs: number): Amount {
    const after = windowMs === 0 ? -1 : this.#session.now() - windowMs;
    return this.#session.sql.quotaSum.get({ user_id: userId, after }) as unknown as Amount; // as the statement makes it
  }

  #reserved(userId: string): Amount {
    return this.#session.sql.quotaReserved.get({ user_id: userId, now: this.#session.now() }) as unknown as Amount;
  }
}
