import type { MxcUri } from '@medley/domain/mxc-uri';
import { mediaSubject, toSubjectText } from '../../domain/acts.ts';
import { standsAs, type MediaFilter, type SortKey } from '../../domain/media-query.ts';
import type { MediaRecord, Quarantine } from '../../domain/media-record.ts';
import { banOn, judge, subjectsOf } from '../../domain/standing.ts';
import { toMinute, toUploads, type Access, type Catalog, type MediaPage, type MediaQuery, type StatisticsPage, type StatisticsQuery } from '../../ports/catalog.ts';
import { readStandings } from './look-up.ts';
import { toCondition, toListQuery } from './media-condition.ts';
import { fromUri, toRecord, type MediaRow } from './rows.ts';
import type { SqliteSession } from './session.ts';

interface UserRow {
  readonly user_id: string;
  readonly media_count: number;
  readonly media_bytes: number;
}

const STATISTICS_KEYS = { 'user-id': 'user_id', 'media-count': 'media_count', 'media-bytes': 'media_bytes' } as const;

/** Lists are single queries over the table of media, by columns that may lag behind the acts: so each record is judged again. */
export class SqliteCatalog implements Catalog {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async markAccessed(accesses: readonly Access[], signal: AbortSignal): Promise<void> {
    if (accesses.length === 0) return;
    const { sql } = this.#session;
    this.#session.write(signal, () => {
      for (const { uri, at } of accesses) sql.markAccessed.run({ ...fromUri(uri), at: toMinute(at) });
    });
  }

  async list(query: MediaQuery, signal: AbortSignal): Promise<MediaPage> {
    const { filter, limit } = query;
    const { text, values } = toListQuery(query, this.#session.now());
    return this.#session.read(signal, () => {
      const rows = this.#session.prepare(text).all(values) as unknown as (MediaRow & { readonly sort_key: SortKey })[];
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return {
        records: this.#judge(rows.slice(0, limit).map(toRecord)).filter((record) => standsAs(filter, record)),
        ...(last !== undefined && { next: { key: last.sort_key, uri: { origin: last.origin, mediaId: last.media_id } } }),
      };
    });
  }

  async count(filter: MediaFilter, signal: AbortSignal): Promise<number> {
    const { text, values } = toCondition(filter, this.#session.now());
    return this.#session.read(signal, () => (
      Number(this.#session.prepare(`SELECT count(*) AS count FROM media WHERE ${text}`).get(values)?.['count'])
    ));
  }

  async statistics(query: StatisticsQuery, signal: AbortSignal): Promise<StatisticsPage> {
    const { text, values } = toCondition(toUploads(query), this.#session.now());
    const direction = query.isDescending ? 'DESC' : 'ASC';
    const users = `SELECT user_id, count(*) AS media_count, sum(size_bytes) AS media_bytes FROM media
                   WHERE ${text} AND holds(substr(user_id, 2, instr(user_id, ':') - 2), $search) GROUP BY user_id`;
    const all = { ...values, search: (query.search ?? '').toLowerCase() };
    return this.#session.read(signal, () => {
      const rows = this.#session.prepare(`${users} ORDER BY ${STATISTICS_KEYS[query.order]} ${direction}, user_id LIMIT $limit OFFSET $offset`)
        .all({ ...all, limit: query.limit, offset: query.offset }) as unknown as UserRow[];
      return {
        users: rows.map((row) => ({ userId: row.user_id, mediaCount: row.media_count, mediaBytes: row.media_bytes })),
        totalCount: Number(this.#session.prepare(`SELECT count(*) AS count FROM (${users})`).get(all)?.['count']),
      };
    });
  }

  async findQuarantines(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (Quarantine | undefined)[]> {
    const names = uris.map((uri) => toSubjectText(mediaSubject(uri)));
    return this.#session.read(signal, () => {
      const standings = readStandings(this.#session.sql, names);
      return names.map((name) => banOn(name, standings));
    });
  }

  #judge(records: readonly MediaRecord[]): MediaRecord[] {
    const standings = readStandings(this.#session.sql, records.flatMap(subjectsOf));
    return records.flatMap((record) => judge(record, standings) ?? []);
  }
}
