import type { MxcUri } from '@medley/domain/mxc-uri';
import { faultPoint } from '@medley/fault-points/fault-point';
import { digestSubject, mediaSubject, type Act, type NewAct } from '../../domain/acts.ts';
import { quarantineSubjects } from '../../domain/quarantine-rules.ts';
import { isDigestLost, judge, subjectsOf } from '../../domain/standing.ts';
import type { ActLog, BlobReport, DeletionOrder, QuarantineOrder } from '../../ports/act-log.ts';
import { fromAct, toAct, toId } from './documents.ts';
import { insertUntilTaken } from './insert.ts';
import { findDocuments, findRecords, readStandings } from './look-up.ts';
import { guarded, type MongoDbSession } from './session.ts';

const PAGE = 1000;

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

  setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const kind = order.isQuarantined ? 'quarantined' : 'released';
      const subjects = quarantineSubjects(order, await findRecords(this.#session, order.uris));
      await this.append(subjects.map((subject) => ({ kind, subject, by: order.by })));
    });
  }

  delete({ uris, by }: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return guarded(signal, async () => {
      const there = (await findDocuments(this.#session, uris)).filter((record) => record !== undefined);
      const standings = await readStandings(this.#session, there.flatMap(subjectsOf));
      const alive = there.filter((record) => judge(record, standings) !== undefined);
      await this.append(alive.map(({ uri }) => ({ kind: 'deleted', subject: mediaSubject(uri), by })));
      await faultPoint('metadata.delete.decided');
      await this.#remove(there.map(({ uri }) => toId(uri)));
      return there.map(({ uri }) => uri);
    });
  }

  markBlobs({ digests, isLost, by }: BlobReport, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const standings = await readStandings(this.#session, digests);
      const news = digests.filter((digest) => isDigestLost(digest, standings) !== isLost);
      await this.append(news.map((digest) => ({ kind: isLost ? 'lost' : 'found', subject: digestSubject(digest), by })));
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

  /** Adds acts to the log, in order. Whenever it finds its place taken somebody else has got on. */
  async append(acts: readonly NewAct[]): Promise<void> {
    let rest = acts;
    while (rest.length > 0) {
      const last = await this.#last();
      const at = this.#session.now();
      const documents = rest.map((act, index) => fromAct(act, last + index + 1, at));
      rest = rest.slice(await insertUntilTaken(this.#session.acts, documents));
    }
  }

  /** Removes records whose deletion was decided by somebody who did not come to remove them. */
  async finishDeletions(): Promise<void> {
    for (;;) {
      const acts = await this.#session.acts.find({ _id: { $gt: this.#finishedUpTo } }).sort({ _id: 1 }).limit(PAGE).toArray();
      const subjects = acts.filter(({ kind }) => kind === 'deleted').map((act) => toAct(act).subject);
      await this.#remove(subjects.flatMap((subject) => (subject.kind === 'media' ? [toId(subject.uri)] : [])));
      this.#finishedUpTo = Math.max(this.#finishedUpTo, acts.at(-1)?._id ?? 0);
      if (acts.length < PAGE) return;
    }
  }

  async #last(): Promise<number> {
    const [last] = await this.#session.acts.find({}, { projection: { _id: 1 } }).sort({ _id: -1 }).limit(1).toArray();
    return last?._id ?? 0;
  }

  async #remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#session.pending.deleteMany({ _id: { $in: ids } });
    await this.#session.media.deleteMany({ _id: { $in: ids } });
  }
}
