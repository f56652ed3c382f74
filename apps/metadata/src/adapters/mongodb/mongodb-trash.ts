import type { MxcUri } from '@medley/domain/mxc-uri';
import { mediaSubject, toSubjectText } from '../../domain/acts.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { isRestored, judge, judgeTrashed, subjectsOf, type Trashed } from '../../domain/standing.ts';
import type { RestoreOrder, Trash, TrashExpiry, TrashPage, TrashPlace } from '../../ports/trash.ts';
import { findAll, readStandings } from './look-up.ts';
import type { MongoDbActs } from './mongodb-acts.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { toTrashEntry, toTrashPlace, type TrashDocument } from './trash-documents.ts';

/** Longer than anybody takes from an entry to its act. */
const STALE_MS = 3_600_000;

/** The list beside the log as documents; one to which no act belongs is left where it is until nobody can come to add one. */
export class MongoDbTrash implements Trash {
  readonly #session: MongoDbSession;
  readonly #acts: MongoDbActs;

  constructor(session: MongoDbSession, acts: MongoDbActs) {
    this.#session = session;
    this.#acts = acts;
  }

  list(after: TrashPlace | undefined, limit: number, signal: AbortSignal): Promise<TrashPage> {
    return guarded(signal, async () => {
      const entries = await this.#read(after, Number.MAX_SAFE_INTEGER, limit);
      const last = entries.length < limit ? undefined : entries.at(-1);
      return { media: await this.#judge(entries), next: last && toTrashPlace(last) };
    });
  }

  restore({ uris, by, reason }: RestoreOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return guarded(signal, async () => {
      const { records, standings } = await findAll(this.#session, uris);
      const trashed = records.filter((record) => judgeTrashed(record, standings) !== undefined);
      await this.#acts.append(trashed.map(({ uri }) => ({ kind: 'restored', subject: mediaSubject(uri), by, reason })));
      // Where a purge has come first, the act has no effect; where it comes later, the purge has none.
      const now = await readStandings(this.#session, trashed.flatMap(subjectsOf));
      const restored = trashed.filter((record) => isRestored(record, now));
      await this.#acts.append(restored.flatMap((record) => noteBan(judge(record, now) ?? record, now)));
      return restored.map(({ uri }) => uri);
    });
  }

  expire({ limit, isDryRun, by }: TrashExpiry, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const now = this.#session.now();
      let purgedCount = 0;
      for (let after: TrashPlace | undefined; purgedCount < limit;) {
        const entries = await this.#read(after, now, limit - purgedCount);
        const due = await this.#judge(entries);
        purgedCount += isDryRun ? due.length : await this.#purge(due, entries, by);
        const last = entries.at(-1);
        if (last === undefined) break;
        after = toTrashPlace(last);
      }
      return purgedCount;
    });
  }

  /** Tells of the purge, and looks then what has come of it: whoever was restored before stays. */
  async #purge(due: readonly Trashed[], entries: readonly TrashDocument[], by: string): Promise<number> {
    await this.#acts.append(due.map(({ record: { uri } }) => ({ kind: 'purged', subject: mediaSubject(uri), by })));
    const gone = await this.#acts.removeGone(due.map(({ record }) => record));
    const names = new Set(gone.map(nameOf));
    const isOver = (entry: TrashDocument): boolean => names.has(nameOf({ uri: entry })) || entry.purgeAt < this.#session.now() - STALE_MS;
    const over = entries.filter(isOver).map(({ _id }) => _id);
    if (over.length > 0) await this.#session.trash.deleteMany({ _id: { $in: over } });
    return gone.length;
  }

  /** In the order of their leaving. */
  #read(after: TrashPlace | undefined, until: number, limit: number): Promise<TrashDocument[]> {
    const { trash } = this.#session;
    const behind = after && [{ purgeAt: { $gt: after.purgeAt } }, { purgeAt: after.purgeAt, _id: { $gt: toTrashEntry(after)._id } }];
    return trash.find({ purgeAt: { $lte: until }, ...(behind && { $or: behind }) }).sort({ purgeAt: 1, _id: 1 }).limit(limit).toArray();
  }

  /** What belongs to the entries, each once: the one that its deletion names. */
  async #judge(entries: readonly TrashDocument[]): Promise<Trashed[]> {
    const { records, standings } = await findAll(this.#session, entries.map((entry) => toTrashPlace(entry).uri));
    const trashed = new Map(records.map((record) => [nameOf(record), judgeTrashed(record, standings)]));
    return entries.flatMap((entry) => {
      const found = trashed.get(nameOf({ uri: entry }));
      return found?.purgeAt === entry.purgeAt ? [found] : [];
    });
  }
}

function nameOf({ uri }: { readonly uri: MxcUri }): string {
  return toSubjectText(mediaSubject(uri));
}
