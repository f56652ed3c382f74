import { randomUUID } from 'node:crypto';
import type { Digest } from '@medley/domain/digest';
import type { StoreName } from '@medley/domain/store-name';
import { parseBlobText, toBlobText, type BlobName } from '../../domain/blob-name.ts';
import type { ClaimedRemovals, Condemnation, FinishedRemovals, RemovalClaim, Removals, StoredBlob } from '../../ports/removals.ts';
import { toVerdict, type MarkDocument, type VerdictDocument } from './documents.ts';
import { insertIfNew, insertNew } from './insert.ts';
import type { MongoDbActs } from './mongodb-acts.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { fromStore, inStore, toStore } from './store-field.ts';

const PAGE = 500;
/** Longer than anybody who holds an old condemnation can take. */
const VERDICTS_KEPT_MS = 24 * 3_600_000;

/** Every decision is the insertion of a document under an `_id` that only one can have; see the port. */
export class MongoDbRemovals implements Removals {
  readonly #session: MongoDbSession;
  readonly #acts: MongoDbActs;

  constructor(session: MongoDbSession, acts: MongoDbActs) {
    this.#session = session;
    this.#acts = acts;
  }

  condemn({ store, blobs, isDryRun }: Condemnation, signal: AbortSignal): Promise<readonly Digest[]> {
    return guarded(signal, async () => {
      await this.#acts.finishDeletions();
      const referenced = await this.#referenced(store, blobs.map(({ digest }) => digest));
      const unused = blobs.filter(({ digest }) => !referenced.has(digest));
      const condemnedAt = this.#session.now();
      const marks = unused.map(({ digest, storedAt }) => ({ _id: toBlobText({ digest, store }), ...fromStore(store), id: randomUUID(), storedAt, condemnedAt }));
      if (!isDryRun) await insertNew(this.#session.condemned, marks);
      return unused.map(({ digest }) => digest);
    });
  }

  claim(claim: RemovalClaim, signal: AbortSignal): Promise<ClaimedRemovals> {
    return guarded(signal, async () => {
      const now = this.#session.now();
      await this.#acts.finishDeletions();
      if (!claim.isDryRun) await this.#clearVerdicts(now);
      const removals: StoredBlob[] = [];
      let sparedCount = 0;
      for await (const marks of this.#ripe(claim.store, now - claim.waitMs)) {
        const settled = await this.#settle(marks, { ...claim, limit: claim.limit - removals.length }, now);
        removals.push(...settled.removals);
        sparedCount += settled.sparedCount;
        if (removals.length === claim.limit) break;
      }
      return { removals, sparedCount };
    });
  }

  finish({ store, digests }: FinishedRemovals, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      await this.#session.condemned.deleteMany({ _id: { $in: digests.map((digest) => toBlobText({ digest, store })) } });
    });
  }

  /** What an upload asks before it inserts its record and again afterwards: false if its bytes are being removed. */
  async spare(blob: BlobName): Promise<boolean> {
    for (;;) {
      const mark = await this.#session.condemned.findOne({ _id: toBlobText(blob) });
      if (mark === null) return true;
      const verdict = toVerdict(mark, 0, { verdict: 'spared', at: this.#session.now() });
      if (await insertIfNew(this.#session.verdicts, verdict)) return true;
      const decided = await this.#session.verdicts.findOne({ _id: verdict._id });
      // Without a verdict the condemnation is long over, and there may be another.
      if (decided !== null) return decided.verdict === 'spared';
    }
  }

  /** The marks of one store that have waited, oldest first. */
  async *#ripe(store: StoreName, condemnedUntil: number): AsyncGenerator<MarkDocument[]> {
    let batch: MarkDocument[] = [];
    for await (const mark of this.#session.condemned.find({ ...inStore(store), condemnedAt: { $lte: condemnedUntil } }).sort({ condemnedAt: 1 })) {
      if (batch.push(mark) < PAGE) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  /** Decides on marks, and claims what is doomed. Where somebody else was first, the next claim sees what became of it. */
  async #settle(marks: readonly MarkDocument[], { store, claimMs, limit, isDryRun }: RemovalClaim, now: number): Promise<ClaimedRemovals> {
    const histories = await this.#histories(marks);
    const referenced = await this.#referenced(store, marks.map(digestOf));
    const letGo = marks.filter(({ id }) => histories.get(id)?.some(isSpared));
    const proposals = marks.flatMap((mark) => propose(mark, histories.get(mark.id) ?? [], { isReferenced: referenced.has(digestOf(mark)), claimMs, now }));
    const toSpare = proposals.filter(isSpared);
    const toDoom = proposals.filter((proposal) => !isSpared(proposal)).slice(0, limit);
    if (isDryRun) return { removals: blobsOf(marks, toDoom), sparedCount: letGo.length + toSpare.length };
    const chosen = [...toSpare, ...toDoom];
    const won = await insertNew(this.#session.verdicts, chosen);
    const verdicts = chosen.filter((_, position) => won.has(position));
    const spared = [...letGo.map(({ id }) => id), ...verdicts.filter(isSpared).map(({ condemnation }) => condemnation)];
    if (spared.length > 0) await this.#session.condemned.deleteMany({ _id: { $in: marks.map(({ _id }) => _id) }, id: { $in: spared } });
    const doomed = verdicts.filter((verdict) => !isSpared(verdict));
    return { removals: blobsOf(await this.#stillThere(doomed), doomed), sparedCount: spared.length };
  }

  /** All verdicts on each condemnation, in the order of their turns. */
  async #histories(marks: readonly MarkDocument[]): Promise<ReadonlyMap<string, VerdictDocument[]>> {
    if (marks.length === 0) return new Map();
    const verdicts = await this.#session.verdicts.find({ condemnation: { $in: marks.map(({ id }) => id) } }).toArray();
    return Map.groupBy(verdicts.sort((first, second) => first.at - second.at), ({ condemnation }) => condemnation);
  }

  async #referenced(store: StoreName, digests: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    if (digests.length === 0) return new Set();
    return new Set(await this.#session.media.distinct('digest', { ...inStore(store), digest: { $in: digests } }));
  }

  /** The marks of those verdicts, as far as they are there: a verdict on one that is long gone means nothing. */
  async #stillThere(verdicts: readonly VerdictDocument[]): Promise<MarkDocument[]> {
    if (verdicts.length === 0) return [];
    const ids = new Set(verdicts.map(({ condemnation }) => condemnation));
    const marks = await this.#session.condemned.find({ _id: { $in: verdicts.map((verdict) => toBlobText({ digest: verdict.digest, store: toStore(verdict) })) } }).toArray();
    return marks.filter(({ id }) => ids.has(id));
  }

  /** Forgets what was decided long ago on condemnations that are over. */
  async #clearVerdicts(now: number): Promise<void> {
    const { verdicts } = this.#session;
    const old = await verdicts.find({ at: { $lt: now - VERDICTS_KEPT_MS } }).sort({ at: 1 }).limit(PAGE).toArray();
    const open = new Set((await this.#stillThere(old)).map(({ id }) => id));
    const over = old.filter(({ condemnation }) => !open.has(condemnation)).map(({ _id }) => _id);
    if (over.length > 0) await verdicts.deleteMany({ _id: { $in: over } });
  }
}

interface Circumstances {
  readonly isReferenced: boolean;
  readonly claimMs: number;
  readonly now: number;
}

/** The verdict to try on a mark; none where it is spared, or claimed by somebody who still has time. */
function propose(mark: MarkDocument, history: readonly VerdictDocument[], { isReferenced, claimMs, now }: Circumstances): VerdictDocument[] {
  const last = history.at(-1);
  if (last === undefined) return [toVerdict(mark, 0, { verdict: isReferenced ? 'spared' : 'doomed', at: now })];
  if (isSpared(last) || last.at + claimMs > now) return [];
  return [toVerdict(mark, history.length, { verdict: 'doomed', at: now })];
}

function isSpared({ verdict }: VerdictDocument): boolean {
  return verdict === 'spared';
}

function blobsOf(marks: readonly MarkDocument[], verdicts: readonly VerdictDocument[]): StoredBlob[] {
  const ids = new Set(verdicts.map(({ condemnation }) => condemnation));
  return marks.filter(({ id }) => ids.has(id)).map((mark) => ({ digest: digestOf(mark), storedAt: mark.storedAt }));
}

function digestOf({ _id }: MarkDocument): Digest {
  return parseBlobText(_id).digest;
}
