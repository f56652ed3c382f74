import type { Digest } from '@medley/domain/digest';
import { toBlobText } from '../../domain/blob-name.ts';
import { isBlobLost } from '../../domain/standing.ts';
import type { Expiry, Inventory, Reference, ReferenceQuery, Usage, UsageGroup, UsageQuery, UsageRow } from '../../ports/inventory.ts';
import { toCondition, type Condition } from './media-condition.ts';
import { readStandings } from './look-up.ts';
import type { SqliteSession } from './session.ts';

interface ReferenceRow {
  readonly digest: Digest;
  readonly size_bytes: number;
  readonly media_count: number;
}

type Tally = Readonly<Record<'media_count' | 'media_bytes', number>>;
type Waiting = Readonly<Record<'pending_count' | 'lapsed_count' | 'condemned_count', number>>;

const TALLY = 'count(*) AS media_count, coalesce(sum(size_bytes), 0) AS media_bytes';
const COLUMNS: Readonly<Record<UsageGroup, string>> = { user: 'user_id', origin: 'origin', 'content-type': 'content_type', kind: 'kind' };

/** Looks over the table of media. */
export class SqliteInventory implements Inventory {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async references({ store, after, limit }: ReferenceQuery, signal: AbortSignal): Promise<readonly Reference[]> {
    return this.#session.read(signal, () => {
      const rows = this.#session.sql.references.all({ store, after, limit }) as unknown as ReferenceRow[];
      const standings = readStandings(this.#session.sql, rows.map(({ digest }) => toBlobText({ digest, store })));
      return rows.map(({ digest, size_bytes, media_count }) => (
        { digest, sizeBytes: size_bytes, mediaCount: media_count, lost: isBlobLost({ digest, store }, standings) }
      ));
    });
  }

  async usage({ filter, group, limit }: UsageQuery, signal: AbortSignal): Promise<Usage> {
    const now = this.#session.now();
    const available = toCondition({ ...filter, state: 'available' }, now);
    return this.#session.read(signal, () => {
      const total = this.#session.prepare(`SELECT ${TALLY} FROM media WHERE ${available.text}`).get(available.values) as Tally;
      const waiting = this.#session.sql.waiting.get({ now }) as Waiting;
      return {
        mediaCount: total.media_count,
        mediaBytes: total.media_bytes,
        pendingCount: waiting.pending_count,
        lapsedCount: waiting.lapsed_count,
        condemnedCount: waiting.condemned_count,
        rows: group === undefined ? [] : this.#tally(available, COLUMNS[group], limit),
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

  #tally({ text, values }: Condition, column: string, limit: number): UsageRow[] {
    const rows = this.#session.prepare(`SELECT ${column} AS name, ${TALLY} FROM media WHERE ${text}
      GROUP BY ${column} ORDER BY media_bytes DESC, name LIMIT $limit`).all({ ...values, limit }) as unknown as (Tally & { readonly name: string })[];
    return rows.map((row) => ({ name: row.name, mediaCount: row.media_count, mediaBytes: row.media_bytes }));
  }
}
