import type { LeaseAnswer, Leases, LeaseWish } from '../../ports/leases.ts';
import type { SqliteSession } from './session.ts';

interface LeaseRow {
  readonly holder: string;
  readonly until: number;
}

/** Leases as rows; taking one is a transaction. */
export class SqliteLeases implements Leases {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async take({ name, holder, ttlMs }: LeaseWish, signal: AbortSignal): Promise<LeaseAnswer> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const held = sql.lease.get({ name }) as LeaseRow | undefined;
      if (held !== undefined && held.holder !== holder && held.until > now()) return { isGranted: false, until: held.until };
      const until = now() + ttlMs;
      sql.takeLease.run({ name, holder, until });
      return { isGranted: true, until };
    });
  }

  async release(name: string, holder: string, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => this.#session.sql.releaseLease.run({ name, holder }));
  }
}
