import type { MxcUri } from '@medley/domain/mxc-uri';
import { mediaSubject } from '../../domain/acts.ts';
import type { MediaRecord } from '../../domain/media-record.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { judgeTrashed, type Standings, type Trashed } from '../../domain/standing.ts';
import type { RestoreOrder, Trash, TrashExpiry, TrashPage, TrashPlace } from '../../ports/trash.ts';
import { addActs, findAll } from './look-up.ts';
import { fromUri } from './rows.ts';
import type { SqliteSession } from './session.ts';

interface TrashRow {
  readonly origin: MxcUri['origin'];
  readonly media_id: MxcUri['mediaId'];
  readonly purge_at: number;
}

const START = { purge_at: 0, origin: '', media_id: '' };

/** The list beside the log as a table; where there are transactions it agrees with the log, but for media that was fetched anew. */
export class SqliteTrash implements Trash {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async list(after: TrashPlace | undefined, limit: number, signal: AbortSignal): Promise<TrashPage> {
    return this.#session.read(signal, () => {
      const from = after === undefined ? START : { purge_at: after.purgeAt, ...fromUri(after.uri) };
      const rows = this.#read(from, Number.MAX_SAFE_INTEGER, limit);
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { media: this.#judge(rows), next: last && { purgeAt: last.purge_at, uri: toUri(last) } };
    });
  }

  async restore({ uris, by, reason }: RestoreOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return this.#session.write(signal, () => {
      const { records, standings } = findAll(this.#session.sql, uris);
      const trashed = records.flatMap((record) => judgeTrashed(record, standings) ?? []).map(({ record }) => record);
      addActs(this.#session, trashed.map(({ uri }) => ({ kind: 'restored', subject: mediaSubject(uri), by, reason })));
      this.#noteBans(trashed, standings);
      for (const { uri } of trashed) this.#session.sql.takeFromTrash.run(fromUri(uri));
      return trashed.map(({ uri }) => uri);
    });
  }

  async expire({ limit, isDryRun, by }: TrashExpiry, signal: AbortSignal): Promise<number> {
    return this.#session.write(signal, () => {
      const { sql, now } = this.#session;
      for (;;) {
        const rows = this.#read(START, now(), limit);
        const purged = this.#judge(rows).map(({ record }) => record);
        if (isDryRun) return purged.length;
        addActs(this.#session, purged.map(({ uri }) => ({ kind: 'purged', subject: mediaSubject(uri), by })));
        for (const { uri } of purged) sql.remove.run(fromUri(uri));
        for (const row of rows) sql.takeFromTrash.run(fromUri(toUri(row)));
        if (purged.length > 0 || rows.length === 0) return purged.length;
      }
    });
  }

  /** In the order of their leaving. */
  #read(after: Readonly<Record<keyof TrashRow, string | number>>, until: number, limit: number): TrashRow[] {
    return this.#session.sql.listTrash.all({ ...after, until, limit }) as unknown as TrashRow[];
  }

  #judge(rows: readonly TrashRow[]): Trashed[] {
    const { records, standings } = findAll(this.#session.sql, rows.map(toUri));
    return records.flatMap((record) => judgeTrashed(record, standings) ?? []);
  }

  #noteBans(records: readonly MediaRecord[], standings: Standings): void {
    addActs(this.#session, records.flatMap((record) => noteBan(record, standings)));
  }
}

function toUri({ origin, media_id: mediaId }: TrashRow): MxcUri {
  return { origin, mediaId };
}
