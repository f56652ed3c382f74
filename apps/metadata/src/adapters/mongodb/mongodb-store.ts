import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { mintMediaId, type MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { orAbort } from '@medley/streams/abort';
import type { Logger } from '@medley/telemetry/logger';
import type { Collection, Db, MongoClient, OptionalUnlessRequiredId } from 'mongodb';
import type { AvailableMedia, MediaRecord, PendingMedia } from '../../domain/media-record.ts';
import { cannotOverwrite, pendingLimit, requireClaimable, requireCommittable } from '../../domain/upload-rules.ts';
import type { Claim, FinishedUpload, MetadataStore, NewUpload, Reservation, StoreOptions } from '../../ports/metadata-store.ts';
import { createMongoClient } from './client.ts';
import { fromAvailable, fromPending, toAvailable, toId, toPending, type MediaDocument, type PendingDocument } from './documents.ts';
import { isDuplicateKey, translateMongoError } from './mongodb-errors.ts';
import { Preparation } from './preparation.ts';

/** Where the collections are. */
export interface MongoDbLocation {
  readonly uri: string;
  readonly database: string;
}

/** Tries of a reservation that meets others of the same user, and the longest pause between two. */
const RESERVE_TRIES = 5;
const RESERVE_PAUSE_MS = 50;

/**
 * Opens the store, at once: the server need not be there yet, and may go and come back. Throws if `location.uri` can't be
 * read.
 */
export function openMongoDbStore(location: MongoDbLocation, log: Logger, options: StoreOptions = {}): MetadataStore {
  return new MongoDbStore(createMongoClient(location.uri), location.database, log, options);
}

/**
 * Reserved media ids lie in one collection and available media in another, so that a commit is the insertion of one
 * document: of several exactly one succeeds, by the uniqueness of `_id` alone. Media is inserted before its reservation
 * goes, so whoever finds neither, looks into `media` once more.
 */
class MongoDbStore implements MetadataStore {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #media: Collection<MediaDocument>;
  readonly #pending: Collection<PendingDocument>;
  readonly #preparation: Preparation;
  readonly #now: () => number;
  readonly #mint: (now: number) => MediaId;

  constructor(client: MongoClient, database: string, log: Logger, { now = Date.now, mint = mintMediaId }: StoreOptions) {
    this.#client = client;
    this.#database = client.db(database);
    this.#media = this.#database.collection('media');
    // Local reads see the most, which is what a limit needs.
    this.#pending = this.#database.collection('pending', { readConcern: { level: 'local' } });
    this.#preparation = new Preparation(client, this.#database, log);
    this.#now = now;
    this.#mint = mint;
  }

  reserve(reservation: Reservation, signal: AbortSignal): Promise<PendingMedia> {
    return guarded(signal, async () => {
      if (reservation.maxPending === 0) return this.#insertPending(reservation);
      for (let tries = 0; tries < RESERVE_TRIES; tries += 1) {
        if (tries > 0) await sleep(randomInt(RESERVE_PAUSE_MS));
        const record = await this.#tryReserve(reservation);
        if (record !== undefined) return record;
      }
      throw pendingLimit(undefined, this.#now());
    });
  }

  claim(uri: MxcUri, { userId, claimMs }: Claim, signal: AbortSignal): Promise<string> {
    return guarded(signal, async () => {
      const claim = randomUUID();
      for (;;) {
        const now = this.#now();
        requireClaimable(await this.#findOne(uri), userId, now);
        const { matchedCount } = await this.#pending.updateOne({ _id: toId(uri) }, { $set: { claim, claimedUntil: now + claimMs } });
        // Gone since we looked: it was committed, and the next look says so.
        if (matchedCount === 1) return claim;
      }
    });
  }

  commit(uri: MxcUri, { userId, content }: FinishedUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return guarded(signal, async () => {
      const { createdAt } = requireCommittable(await this.#findOne(uri), userId);
      const media: AvailableMedia = { uri, userId, createdAt, state: 'available', content };
      if (!(await insertIfNew(this.#media, fromAvailable(media)))) throw cannotOverwrite();
      // The media is safe. A reservation left behind is not seen any more; it only counts for its user until it lapses.
      await this.#pending.deleteOne({ _id: toId(uri) }, { writeConcern: { w: 1 } }).catch(() => undefined);
      return media;
    });
  }

  abandon(uri: MxcUri, claim: string, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      await this.#pending.updateOne({ _id: toId(uri), claim }, { $unset: { claim: '', claimedUntil: '' } });
    });
  }

  record({ origin, userId, content }: NewUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return guarded(signal, async () => {
      for (;;) {
        const createdAt = this.#now();
        const media: AvailableMedia = { uri: { origin, mediaId: this.#mint(createdAt) }, userId, createdAt, state: 'available', content };
        const [reserved] = await this.#findPending([toId(media.uri)]);
        if (reserved === undefined && await insertIfNew(this.#media, fromAvailable(media))) return media;
      }
    });
  }

  find(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]> {
    return guarded(signal, () => this.#find(uris));
  }

  check(signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      await this.#database.command({ ping: 1 });
      if (!this.#preparation.isDone) throw new MediaError('SERVICE_UNAVAILABLE', 'The indexes are not made yet');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#preparation.stop();
    await this.#client.close();
    await this.#preparation.finished;
  }

  /** Inserts first and counts then: of several that run at once the last to insert counts them all. */
  async #tryReserve(reservation: Reservation): Promise<PendingMedia | undefined> {
    const { userId, maxPending } = reservation;
    const others = await this.#lapseTimes(userId, maxPending);
    if (others.length >= maxPending) throw pendingLimit(others[0], this.#now());
    const record = await this.#insertPending(reservation);
    let isKept = false;
    try {
      isKept = (await this.#lapseTimes(userId, maxPending + 1)).length <= maxPending;
      return isKept ? record : undefined;
    } finally {
      if (!isKept) await this.#pending.deleteOne({ _id: toId(record.uri) });
    }
  }

  /** When the user's pending uploads lapse, the first of them first, at most `limit`. */
  async #lapseTimes(userId: string, limit: number): Promise<number[]> {
    const live = this.#pending.find({ userId, unusedExpiresAt: { $gt: this.#now() } });
    const documents = await live.sort({ unusedExpiresAt: 1 }).limit(limit).toArray();
    return documents.map(({ unusedExpiresAt }) => unusedExpiresAt);
  }

  async #insertPending({ origin, userId, unusedExpiresAt }: Reservation): Promise<PendingMedia> {
    for (;;) {
      const createdAt = this.#now();
      const uri = { origin, mediaId: this.#mint(createdAt) };
      const record: PendingMedia = { uri, userId, createdAt, state: 'pending', unusedExpiresAt, claimedUntil: undefined };
      const [used] = await this.#findMedia([toId(uri)]);
      if (used === undefined && await insertIfNew(this.#pending, fromPending(record))) return record;
    }
  }

  async #findOne(uri: MxcUri): Promise<MediaRecord | undefined> {
    const [record] = await this.#find([uri]);
    return record;
  }

  async #find(uris: readonly MxcUri[]): Promise<(MediaRecord | undefined)[]> {
    const ids = uris.map(toId);
    const found = new Map<string, MediaRecord>();
    for (const look of [this.#findMedia, this.#findPending, this.#findMedia]) {
      const missing = ids.filter((id) => !found.has(id));
      if (missing.length === 0) break;
      for (const record of await look.call(this, missing)) found.set(toId(record.uri), record);
    }
    return ids.map((id) => found.get(id));
  }

  async #findMedia(ids: string[]): Promise<MediaRecord[]> {
    return (await this.#media.find({ _id: { $in: ids } }, { batchSize: ids.length }).toArray()).map(toAvailable);
  }

  async #findPending(ids: string[]): Promise<MediaRecord[]> {
    return (await this.#pending.find({ _id: { $in: ids } }, { batchSize: ids.length }).toArray()).map(toPending);
  }
}

/** Inserts a document; false if there is one with its `_id` already. */
async function insertIfNew<Fields extends { _id: string }>(
  collection: Collection<Fields>,
  document: OptionalUnlessRequiredId<Fields>,
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Ends the wait for `work` when `signal` aborts, and translates what it throws. */
async function guarded<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await orAbort(work(), signal);
  } catch (error) {
    throw translateMongoError(error);
  }
}
