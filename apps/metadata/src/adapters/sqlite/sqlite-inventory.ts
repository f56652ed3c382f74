import type { Digest } from '@medley/domain/digest';
import { isDigestLost } from '../../domain/standing.ts';
import type { Expiry, Inventory, Reference, Usage } from '../../ports/inventory.ts';
import { readStandings } from './look-up.ts';
import type { SqliteSession } from './session.ts';

interface ReferenceRow {
  readonly digest: Digest;
  readonly size_bytes: number;
  readonly media_count: number;
}

type UsageRow = Readonly<Record<'media_count' | 'media_bytes' | 'pending_count' | 'lapsed_count' | 'condemned_count', number>>;

/** Looks over the table of media. */
export class SqliteInventory implements Inventory {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async references(after: string, limit: number, signal: AbortSignal): Promise<readonly Reference[]> {
    return this.#session.read(signal, () => {
      const rows = this.#session.sql.references.all({ after, limit }) as unknown as ReferenceRow[];
      const standings = readStandings(this.#session.sql, rows.map(({ digest }) => digest));
      return rows.map(({ digest, size_bytes, media_count }) => (
        { digest, sizeBytes: size_bytes, mediaCount: media_count, lost: isDigestLost(digest, standings) }
      ));
    });
  }

  async usage(signal: AbortSignal): Promise<Usage> {
    return this.#session.read(signal, () => {
      const row = this.#session.sql.usage.get({ now: this.#session.now() }) as unknown as UsageRow;
      return {
        mediaCount: row.media_count,
        mediaBytes: row.media_bytes,
        pendingCount: row.pending_count,
        lapsedCount: row.lapsed_count,
        condemnedCount: row.condemned_count,
      };
    });
  }

  async expirePending({ lapsedBefore, limit, isDryRun }: Expiry, signal: AbortSignal): Promise<number> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const lapsed = { before: Math.min(lapsedBefore, now()), limit };
      return Number(isDryRun ? sql.countLapsed.get(lapsed)?.['count'] : sql.expire.run(lapsed).changes);
    });
  }
}
