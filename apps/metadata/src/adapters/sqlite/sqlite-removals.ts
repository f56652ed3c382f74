import type { Digest } from '@medley/domain/digest';
import type { ClaimedRemovals, Condemnation, FinishedRemovals, RemovalClaim, Removals } from '../../ports/removals.ts';
import type { SqliteSession } from './session.ts';

interface BlobRow {
  readonly digest: Digest;
  readonly stored_at: number;
}

/** The marks as a table; each step is one transaction, and so is an upload's look at them. */
export class SqliteRemovals implements Removals {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async condemn({ store, blobs, isDryRun }: Condemnation, signal: AbortSignal): Promise<readonly Digest[]> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const names = JSON.stringify(blobs.map(({ digest, storedAt }) => [digest, storedAt]));
      const rows = sql.unreferenced.all({ store, blobs: names }) as unknown as BlobRow[];
      const condemned_at = now();
      if (!isDryRun) for (const { digest, stored_at } of rows) sql.condemn.run({ store, digest, stored_at, condemned_at });
      return rows.map(({ digest }) => digest);
    });
  }

  async claim({ store, waitMs, claimMs, limit, isDryRun }: RemovalClaim, signal: AbortSignal): Promise<ClaimedRemovals> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const claimed_at = now();
      const ripe = { store, condemned_until: claimed_at - waitMs, claimed_until: claimed_at - claimMs };
      const sparedCount = Number(isDryRun ? sql.countSpared.get(ripe)?.['count'] : sql.spare.run(ripe).changes);
      const rows = sql.doomed.all({ ...ripe, limit }) as unknown as BlobRow[];
      if (!isDryRun) for (const { digest } of rows) sql.claimRemoval.run({ store, digest, claimed_at });
      return { removals: rows.map(({ digest, stored_at }) => ({ digest, storedAt: stored_at })), sparedCount };
    });
  }

  async finish({ store, digests }: FinishedRemovals, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => this.#session.sql.finish.run({ store, digests: JSON.stringify(digests) }));
  }
}
