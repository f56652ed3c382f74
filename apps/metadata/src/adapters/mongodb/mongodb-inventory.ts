import type { Digest } from '@medley/domain/digest';
import { toBlobText } from '../../domain/blob-name.ts';
import { isBlobLost } from '../../domain/standing.ts';
import type { Expiry, Inventory, Reference, ReferenceQuery, Usage, UsageGroup, UsageQuery } from '../../ports/inventory.ts';
import { readStandings } from './look-up.ts';
import { notLapsed, toFilter } from './media-condition.ts';
import type { MongoDbActs } from './mongodb-acts.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { inStore } from './store-field.ts';
import { tally, type Grouping } from './tally.ts';

type Tally = Pick<Reference, 'digest' | 'sizeBytes' | 'mediaCount'>;

const FIELDS: Readonly<Record<UsageGroup, Grouping['field']>> = { user: 'userId', origin: 'origin', 'content-type': 'contentType', kind: 'kind' };

/** Looks over the collections of media. */
export class MongoDbInventory implements Inventory {
  readonly #session: MongoDbSession;
  readonly #acts: MongoDbActs;

  constructor(session: MongoDbSession, acts: MongoDbActs) {
    this.#session = session;
    this.#acts = acts;
  }

  references({ store, after, limit }: ReferenceQuery, signal: AbortSignal): Promise<readonly Reference[]> {
    return guarded(signal, async () => {
      await this.#acts.finishDeletions();
      const tallies: Tally[] = [];
      while (tallies.length < limit) {
        const more = await this.#tally({ store, after: tallies.at(-1)?.digest ?? after, limit: limit - tallies.length });
        if (more.length === 0) break;
        tallies.push(...more);
      }
      const standings = await readStandings(this.#session, tallies.map(({ digest }) => toBlobText({ digest, store })));
      return tallies.map((tally) => ({ ...tally, lost: isBlobLost({ digest: tally.digest, store }, standings) }));
    });
  }

  usage({ filter, group, limit }: UsageQuery, signal: AbortSignal): Promise<Usage> {
    return guarded(signal, async () => {
      await this.#acts.finishDeletions();
      const { media, pending, condemned, now } = this.#session;
      const match = toFilter(filter);
      const [total] = await media.aggregate<{ bytes: number }>([{ $match: match }, { $group: { _id: null, bytes: { $sum: '$sizeBytes' } } }]).toArray();
      return {
        mediaCount: await media.countDocuments(match),
        mediaBytes: total?.bytes ?? 0,
        pendingCount: await pending.countDocuments(notLapsed(now())),
        lapsedCount: await pending.countDocuments(lapsedBefore(now() + 1)),
        condemnedCount: await condemned.countDocuments({}),
        rows: group === undefined ? [] : await tally(media, match, { field: FIELDS[group], by: 'bytes', isDescending: true, offset: 0, limit }),
      };
    });
  }

  expirePending({ lapsedBefore: before, limit, isDryRun }: Expiry, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const { pending, now } = this.#session;
      const lapsed = lapsedBefore(Math.min(before, now()));
      const documents = await pending.find(lapsed, { projection: { _id: 1 } }).limit(limit).toArray();
      if (isDryRun || documents.length === 0) return documents.length;
      const { deletedCount } = await pending.deleteMany({ _id: { $in: documents.map(({ _id }) => _id) }, ...lapsed });
      return deletedCount;
    });
  }

  /** Counts the media of some of the digests after `after`, in order, by one page of documents. */
  async #tally({ store, after, limit }: ReferenceQuery): Promise<Tally[]> {
    const { media } = this.#session;
    const page = await media.find({ ...inStore(store), digest: { $gt: after as Digest } }, { projection: { digest: 1, sizeBytes: 1 } })
      .sort({ digest: 1 }).limit(limit).toArray();
    const tallies = new Map<Digest, Tally>();
    for (const { digest, sizeBytes } of page) {
      tallies.set(digest, { digest, sizeBytes, mediaCount: (tallies.get(digest)?.mediaCount ?? 0) + 1 });
    }
    const last = [...tallies.values()].at(-1);
    // The page may end in the midst of a digest.
    if (last !== undefined && page.length === limit) {
      tallies.set(last.digest, { ...last, mediaCount: await media.countDocuments({ ...inStore(store), digest: last.digest }) });
    }
    return [...tallies.values()];
  }
}

function lapsedBefore(before: number) {
  return { unusedExpiresAt: { $lt: before }, claimedUntil: { $not: { $gte: before } } };
}
