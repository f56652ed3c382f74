import type { MxcUri } from '@medley/domain/mxc-uri';
import { mediaSubject, toSubjectText } from '../../domain/acts.ts';
import { standsAs, type MediaFilter } from '../../domain/media-query.ts';
import type { MediaRecord, Quarantine } from '../../domain/media-record.ts';
import { banOn, judge, subjectsOf } from '../../domain/standing.ts';
import { toMinute, toUploads, type Access, type Catalog, type MediaPage, type MediaQuery, type StatisticsPage, type StatisticsQuery } from '../../ports/catalog.ts';
import { toId, toRecord, type AnyDocument } from './documents.ts';
import { merged, readPart } from './in-order.ts';
import { findMedia, readStandings } from './look-up.ts';
import { afterPosition, escapePattern, isOfContent, keyOf, notLapsed, toFilter, toSort } from './media-condition.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { updateAll } from './update.ts';
import { countGroups, tally } from './tally.ts';

/** How many documents come at once; a page is one more than its limit. */
const BATCH = 1001;

const STATISTICS_KEYS = { 'user-id': 'name', 'media-count': 'count', 'media-bytes': 'bytes' } as const;

/** A list is merged from both collections, by fields that may lag behind the acts: so each record is judged again. */
export class MongoDbCatalog implements Catalog {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  markAccessed(accesses: readonly Access[], signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const updates = accesses.map(({ uri, at }) => (
        { updateOne: { filter: { _id: toId(uri) }, update: { $max: { lastAccessAt: toMinute(at), usedAt: toMinute(at) } } } }
      ));
      const { media, pending } = this.#session;
      if (await updateAll(media, updates) < updates.length) await updateAll(pending, updates);
    });
  }

  list({ filter, ordering, limit, after, offset = 0 }: MediaQuery, signal: AbortSignal): Promise<MediaPage> {
    return guarded(signal, async () => {
      const count = offset + limit + 1;
      const sources = this.#sourcesOf(filter).map(({ collection, condition }) => collection
        .find({ $and: [condition, ...(after === undefined ? [] : [afterPosition(ordering, after)])] }, { batchSize: Math.min(count, BATCH) })
        .sort(toSort(ordering)).limit(count));
      const documents = await readPart(merged(sources, ordering), offset, limit + 1);
      const last = documents.length > limit ? documents[limit - 1] : undefined;
      return {
        records: (await this.#judge(documents.slice(0, limit))).filter((record) => standsAs(filter, record)),
        ...(last !== undefined && { next: { key: keyOf(last, ordering.order), uri: { origin: last.origin, mediaId: last.mediaId } } }),
      };
    });
  }

  count(filter: MediaFilter, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const counts = this.#sourcesOf(filter).map(({ collection, condition }) => collection.countDocuments(condition));
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    });
  }

  statistics(query: StatisticsQuery, signal: AbortSignal): Promise<StatisticsPage> {
    return guarded(signal, async () => {
      // No local part holds a colon, behind which the pattern would go on.
      if (query.search?.includes(':')) return { users: [], totalCount: 0 };
      const { media } = this.#session;
      const search = query.search ? [{ userId: { $regex: `^@[^:]*${escapePattern(query.search)}`, $options: 'i' } }] : [];
      const match = { $and: [toFilter(toUploads(query)), ...search] };
      const { isDescending, offset, limit } = query;
      const rows = await tally(media, match, { field: 'userId', by: STATISTICS_KEYS[query.order], isDescending, offset, limit });
      return {
        users: rows.map(({ name, mediaCount, mediaBytes }) => ({ userId: name, mediaCount, mediaBytes })),
        totalCount: await countGroups(media, match, 'userId'),
      };
    });
  }

  findQuarantines(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (Quarantine | undefined)[]> {
    return guarded(signal, async () => {
      const names = uris.map((uri) => toSubjectText(mediaSubject(uri)));
      const standings = await readStandings(this.#session, names);
      return names.map((name) => banOn(name, standings));
    });
  }

  #sourcesOf(filter: MediaFilter) {
    const condition = toFilter(filter);
    const [media, pending] = this.#session.everything;
    return [
      ...(media === undefined || filter.state === 'pending' ? [] : [{ collection: media, condition }]),
      ...(pending === undefined || isOfContent(filter) ? [] : [{ collection: pending, condition: { $and: [condition, notLapsed(this.#session.now())] } }]),
    ];
  }

  /** Those that are there; a reservation that was left behind by its commit is not. */
  async #judge(documents: readonly AnyDocument[]): Promise<MediaRecord[]> {
    const reserved = documents.filter((document) => !('digest' in document)).map(({ _id }) => _id);
    const committed = new Set((reserved.length === 0 ? [] : await findMedia(this.#session, reserved)).map(({ uri }) => toId(uri)));
    const records = documents.map(toRecord);
    const standings = await readStandings(this.#session, records.flatMap(subjectsOf));
    return documents.flatMap((document, position) => {
      const found = records[position];
      const record = found && judge(found, standings);
      const isLeftBehind = found?.state === 'pending' && committed.has(document._id);
      return record === undefined || isLeftBehind ? [] : [record];
    });
  }
}
