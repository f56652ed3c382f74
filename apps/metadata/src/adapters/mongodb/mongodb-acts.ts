import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { Filter } from 'mongodb';
import { blobSubject, mediaSubject, parseSubject, toSubjectText, type Act, type NewAct } from '../../domain/acts.ts';
import { toBlobText } from '../../domain/blob-name.ts';
import { toDeletion } from '../../domain/deletion-rules.ts';
import type { MediaRecord } from '../../domain/media-record.ts';
import { digestsOf, planQuarantine, tellCopies } from '../../domain/quarantine-rules.ts';
import { banOn, isBlobLost, isGone, judge, subjectsOf } from '../../domain/standing.ts';
import type { ActLog, ActPage, ActQuery, BanPage, BlobReport, DeletionOrder, ProtectionOrder, QuarantineOrder } from '../../ports/act-log.ts';
import { fromAct, toAct, toAvailable, toId, type ActDocument } from './documents.ts';
import { refreshHints } from './hints.ts';
import { insertNew, insertUntilTaken } from './insert.ts';
import { findAll, findRecords, readStandings } from './look-up.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { toTrashEntry } from './trash-documents.ts';

const PAGE = 1000;
/** How many media with the same bytes are told at once. */
const TWINS = 200;

/**
 * The log as a collection whose `_id` is the sequence: an act is inserted after the last that can be seen, and tried again
 * where that place is taken. So every act was inserted when the one before it was there.
 */
export class MongoDbActs implements ActLog {
  readonly #session: MongoDbSession;
  /** Up to here this process knows all deletions to be finished. */
  #finishedUpTo = 0;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const records = await findRecords(this.#session, order.uris);
      const subjects = [...order.uris.map((uri) => toSubjectText(mediaSubject(uri))), ...digestsOf(records), ...order.digests];
      const { acts, count, digests } = planQuarantine(order, records, await readStandings(this.#session, subjects));
      await this.append(acts);
      let affected = count;
      // Those that come from now on find what was told of their bytes, and tell of themselves.
      for (const digest of digests) affected += await this.#tellTwins(order, digest, signal);
      return affected;
    });
  }

  setProtection({ uris, isProtected, by, reason }: ProtectionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return guarded(signal, async () => {
      const there = (await findRecords(this.#session, uris)).filter((record) => record !== undefined);
      const kind = isProtected ? 'protected' : 'unprotected';
      const news = there.filter((record) => record.protected !== isProtected);
      await this.append(news.map(({ uri }) => ({ kind, subject: mediaSubject(uri), by, reason })));
      return there.map(({ uri }) => uri);
    });
  }

  delete({ uris, trashMs = 0, by, reason }: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return guarded(signal, async () => {
      const purgeAt = trashMs > 0 ? this.#session.now() + trashMs : undefined;
      const { records, standings } = await findAll(this.#session, uris);
      const decisions = records.map((record) => ({ record, acts: toDeletion(record, standings, { by, reason, purgeAt }) }));
      // What was decided by somebody who has not come to remove it, is removed along.
      const concerned = decisions.filter(({ record, acts }) => acts.length > 0 || isGone(record, standings)).map(({ record }) => record);
      const acts = decisions.flatMap((decision) => decision.acts);
      await this.#enterTrash(acts);
      await this.append(acts);
      await faultPoint('metadata.delete.decided');
      await this.removeGone(concerned);
      const now = await readStandings(this.#session, concerned.flatMap(subjectsOf));
      return concerned.filter((record) => judge(record, now) === undefined).map(({ uri }) => uri);
    });
  }

  markBlobs({ store, digests, isLost, by }: BlobReport, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const blobs = digests.map((digest) => ({ digest, store }));
      const standings = await readStandings(this.#session, blobs.map(toBlobText));
      const news = blobs.filter((blob) => isBlobLost(blob, standings) !== isLost);
      await this.append(news.map((blob) => ({ kind: isLost ? 'lost' : 'found', subject: blobSubject(blob), by })));
    });
  }

  position(signal: AbortSignal): Promise<number> {
    return guarded(signal, () => this.#last());
  }

  after(sequence: number, limit: number, signal: AbortSignal): Promise<readonly Act[]> {
    return guarded(signal, async () => {
      const documents = await this.#session.acts.find({ _id: { $gt: sequence } }).sort({ _id: 1 }).limit(limit).toArray();
      return documents.map(toAct);
    });
  }

  list(query: ActQuery, signal: AbortSignal): Promise<ActPage> {
    return guarded(signal, async () => {
      const position = await this.#last();
      const found = this.#session.acts.find(toFilter(query)).sort({ _id: query.isDescending ? -1 : 1 }).limit(query.limit);
      return { acts: (await found.toArray()).map(toAct), position };
    });
  }

  listBans(after: string, limit: number, signal: AbortSignal): Promise<BanPage> {
    return guarded(signal, async () => {
      const quarantined = this.#session.acts.find({ kind: 'quarantined', subject: { $gt: after } }, { projection: { subject: 1 } });
      const documents = await quarantined.sort({ subject: 1 }).limit(limit).toArray();
      const subjects = [...new Set(documents.map(({ subject }) => subject))];
      const standings = await readStandings(this.#session, subjects);
      const bans = subjects.flatMap((subject) => {
        const quarantine = banOn(subject, standings);
        return quarantine === undefined ? [] : [{ subject: parseSubject(subject), quarantine }];
      });
      return { bans, next: documents.length < limit ? undefined : subjects.at(-1) };
    });
  }

  /** Adds acts to the log, in order, and lets the media be found accordingly. Whenever it finds its place taken somebody else has got on. */
  async append(acts: readonly NewAct[]): Promise<void> {
    let rest = acts;
    while (rest.length > 0) {
      const last = await this.#last();
      const at = this.#session.now();
      const documents = rest.map((act, index) => fromAct(act, last + index + 1, at));
      rest = rest.slice(await insertUntilTaken(this.#session.acts, documents));
    }
    await refreshHints(this.#session, acts.map(({ subject }) => subject));
  }

  /** Removes records whose deletion was decided by somebody who did not come to remove them. */
  async finishDeletions(): Promise<void> {
    for (;;) {
      const acts = await this.#session.acts.find({ _id: { $gt: this.#finishedUpTo } }).sort({ _id: 1 }).limit(PAGE).toArray();
      const subjects = acts.filter(({ kind }) => kind === 'deleted' || kind === 'purged').map((act) => toAct(act).subject);
      const { records } = await findAll(this.#session, subjects.flatMap((subject) => (subject.kind === 'media' ? [subject.uri] : [])));
      await this.removeGone(records);
      this.#finishedUpTo = Math.max(this.#finishedUpTo, acts.at(-1)?._id ?? 0);
      if (acts.length < PAGE) return;
    }
  }

  /** Removes those of the records that nothing brings back, as the log says now, and answers them. */
  async removeGone(records: readonly MediaRecord[]): Promise<readonly MediaRecord[]> {
    const standings = await readStandings(this.#session, records.flatMap(subjectsOf));
    const gone = records.filter((record) => isGone(record, standings));
    const ids = gone.map(({ uri }) => toId(uri));
    if (ids.length > 0) {
      await this.#session.pending.deleteMany({ _id: { $in: ids } });
      await this.#session.media.deleteMany({ _id: { $in: ids } });
    }
    return gone;
  }

  /** Tells all media with these bytes, piece by piece. */
  async #tellTwins(order: QuarantineOrder, digest: Digest, signal: AbortSignal): Promise<number> {
    let affected = 0;
    for (let after = ''; ;) {
      signal.throwIfAborted();
      const documents = await this.#session.media.find({ digest, _id: { $gt: after } }).sort({ _id: 1 }).limit(TWINS).toArray();
      const twins = documents.map(toAvailable);
      const { acts, count } = tellCopies(order, twins, await readStandings(this.#session, twins.flatMap(subjectsOf)));
      await this.append(acts);
      affected += count;
      if (documents.length < TWINS) return affected;
      after = documents.at(-1)?._id ?? after;
    }
  }

  async #enterTrash(acts: readonly NewAct[]): Promise<void> {
    const entries = acts.flatMap(({ subject, purgeAt }) => (subject.kind === 'media' && purgeAt !== undefined ? [toTrashEntry({ uri: subject.uri, purgeAt })] : []));
    await insertNew(this.#session.trash, entries);
  }

  async #last(): Promise<number> {
    const [last] = await this.#session.acts.find({}, { projection: { _id: 1 } }).sort({ _id: -1 }).limit(1).toArray();
    return last?._id ?? 0;
  }
}

function toFilter({ after, kinds, isMediaOnly, uri, isDescending }: ActQuery): Filter<ActDocument> {
  return {
    ...(after !== undefined && { _id: isDescending ? { $lt: after } : { $gt: after } }),
    ...(kinds.length > 0 && { kind: { $in: kinds } }),
    ...(isMediaOnly && { subject: { $gte: 'mxc:', $lt: 'mxc;' } }),
    ...(uri !== undefined && { subject: toSubjectText(mediaSubject(uri)) }),
  };
}
