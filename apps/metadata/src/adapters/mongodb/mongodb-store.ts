import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { mintMediaId, type MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { Logger } from '@medley/telemetry/logger';
import type { Db, MongoClient } from 'mongodb';
import { blobSubject, mediaSubject } from '../../domain/acts.ts';
import type { BlobName } from '../../domain/blob-name.ts';
import { notFound, toAvailableMedia, toPendingMedia, type AvailableMedia, type MediaContent, type MediaRecord, type PendingMedia } from '../../domain/media-record.ts';
import { beingRemoved } from '../../domain/removal-rules.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { judge, subjectsOf } from '../../domain/standing.ts';
import { cannotOverwrite, pendingLimit, requireClaimable, requireCommittable } from '../../domain/upload-rules.ts';
import type { Claim, FinishedUpload, MetadataStore, NewUpload, Reservation, StoreOptions } from '../../ports/metadata-store.ts';
import { createMongoClient } from './client.ts';
import { fromAvailable, fromPending, toId } from './documents.ts';
import { refreshHints } from './hints.ts';
import { insertIfNew } from './insert.ts';
import { findMedia, findPending, findRecords, readStandings } from './look-up.ts';
import { MongoDbActs } from './mongodb-acts.ts';
import { MongoDbCatalog } from './mongodb-catalog.ts';
import { MongoDbInventory } from './mongodb-inventory.ts';
import { MongoDbJobs } from './mongodb-jobs.ts';
import { MongoDbLeases } from './mongodb-leases.ts';
import { MongoDbPreviews } from './mongodb-previews.ts';
import { MongoDbQuotas } from './mongodb-quotas.ts';
import { recordRemote } from './mongodb-remote.ts';
import { MongoDbRemovals } from './mongodb-removals.ts';
import { MongoDbTrash } from './mongodb-trash.ts';
import { MongoDbRooms } from './mongodb-rooms.ts';
import { MongoDbVerdicts } from './mongodb-verdicts.ts';
import { Preparation } from './preparation.ts';
import { guarded, MongoDbSession } from './session.ts';
import { watchCommands } from './watch-commands.ts';

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
  const client = createMongoClient(location.uri);
  if (options.calls !== undefined) watchCommands(client, options.calls);
  return new MongoDbStore(client, location.database, log, options);
}

/**
 * Reserved media ids lie in one collection and available media in another, so that a commit is the insertion of one
 * document: of several exactly one succeeds, by the uniqueness of `_id` alone. Media is inserted before its reservation
 * goes, so whoever finds neither, looks into `media` once more.
 */
class MongoDbStore implements MetadataStore {
  readonly acts: MongoDbActs;
  readonly trash: MongoDbTrash;
  readonly leases: MongoDbLeases;
  readonly jobs: MongoDbJobs;
  readonly removals: MongoDbRemovals;
  readonly inventory: MongoDbInventory;
  readonly previews: MongoDbPreviews;
  readonly catalog: MongoDbCatalog;
  readonly rooms: MongoDbRooms;
  readonly verdicts: MongoDbVerdicts;
  readonly quotas: MongoDbQuotas;
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #session: MongoDbSession;
  readonly #preparation: Preparation;
  readonly #mint: (now: number) => MediaId;

  constructor(client: MongoClient, database: string, log: Logger, { now = Date.now, mint = mintMediaId }: StoreOptions) {
    this.#client = client;
    this.#database = client.db(database);
    this.#session = new MongoDbSession(this.#database, now);
    this.acts = new MongoDbActs(this.#session);
    this.trash = new MongoDbTrash(this.#session, this.acts);
    this.leases = new MongoDbLeases(this.#session);
    this.jobs = new MongoDbJobs(this.#session);
    this.removals = new MongoDbRemovals(this.#session, this.acts);
    this.inventory = new MongoDbInventory(this.#session, this.acts);
    this.previews = new MongoDbPreviews(this.#session);
    this.catalog = new MongoDbCatalog(this.#session);
    this.rooms = new MongoDbRooms(this.#session);
    this.verdicts = new MongoDbVerdicts(this.#session);
    this.quotas = new MongoDbQuotas(this.#session);
    this.#preparation = new Preparation(client, this.#database, log);
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
      throw pendingLimit(undefined, this.#session.now());
    });
  }

  claim(uri: MxcUri, { userId, claimMs }: Claim, signal: AbortSignal): Promise<string> {
    return guarded(signal, async () => {
      const claim = randomUUID();
      for (;;) {
        const now = this.#session.now();
        requireClaimable(await this.#findOne(uri), userId, now);
        const changes = { $set: { claim, claimedUntil: now + claimMs } };
        const { matchedCount } = await this.#session.pending.updateOne({ _id: toId(uri) }, changes);
        // Gone since we looked: it was committed or deleted, and the next look says so.
        if (matchedCount === 1) return claim;
      }
    });
  }

  commit(uri: MxcUri, { userId, content }: FinishedUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return guarded(signal, async () => {
      const [found] = await Promise.all([this.#findOne(uri), this.#requireKept(content)]);
      const { createdAt } = requireCommittable(found, userId);
      const media = await this.#insertMedia(toAvailableMedia({ uri, userId, createdAt }, content));
      if (media === 'taken') throw cannotOverwrite();
      if (media === 'deleted') throw notFound();
      // The media is safe. A reservation left behind is not seen any more; it only counts for its user until it lapses.
      await this.#session.pending.deleteOne({ _id: toId(uri) }, { writeConcern: { w: 1 } }).catch(() => undefined);
      return media;
    });
  }

  abandon(uri: MxcUri, claim: string, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      await this.#session.pending.updateOne({ _id: toId(uri), claim }, { $unset: { claim: '', claimedUntil: '' } });
    });
  }

  record({ origin, userId, content, expiresAt, sourceUrl }: NewUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return guarded(signal, async () => {
      for (;;) {
        const createdAt = this.#session.now();
        const uri = { origin, mediaId: this.#mint(createdAt) };
        const [[reserved]] = await Promise.all([findPending(this.#session, [toId(uri)]), this.#requireKept(content)]);
        if (reserved !== undefined) continue;
        const creation = { uri, userId, createdAt, ...(expiresAt !== undefined && { expiresAt }), ...(sourceUrl !== undefined && { sourceUrl }) };
        const media = await this.#insertMedia(toAvailableMedia(creation, content));
        if (typeof media === 'object') return media;
      }
    });
  }

  recordRemote(uri: MxcUri, content: MediaContent, signal: AbortSignal): Promise<AvailableMedia> {
    return guarded(signal, () => recordRemote({ session: this.#session, acts: this.acts, removals: this.removals }, uri, content));
  }

  find(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]> {
    return guarded(signal, () => findRecords(this.#session, uris));
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
    if (others.length >= maxPending) throw pendingLimit(others[0], this.#session.now());
    const record = await this.#insertPending(reservation);
    let isKept = false;
    try {
      isKept = (await this.#lapseTimes(userId, maxPending + 1)).length <= maxPending;
      return isKept ? record : undefined;
    } finally {
      if (!isKept) await this.#session.pending.deleteOne({ _id: toId(record.uri) });
    }
  }

  /** When the user's pending uploads lapse, the first of them first, at most `limit`. */
  async #lapseTimes(userId: string, limit: number): Promise<number[]> {
    const live = this.#session.pending.find({ userId, unusedExpiresAt: { $gt: this.#session.now() } });
    const documents = await live.sort({ unusedExpiresAt: 1 }).limit(limit).toArray();
    return documents.map(({ unusedExpiresAt }) => unusedExpiresAt);
  }

  async #insertPending({ origin, userId, unusedExpiresAt }: Reservation): Promise<PendingMedia> {
    for (;;) {
      const createdAt = this.#session.now();
      const uri = { origin, mediaId: this.#mint(createdAt) };
      const record = toPendingMedia({ uri, userId, createdAt }, unusedExpiresAt);
      // What was deleted leaves its act behind.
      const [[used], standings] = await Promise.all([findMedia(this.#session, [toId(uri)]), readStandings(this.#session, subjectsOf(record))]);
      const isFree = used === undefined && standings.size === 0;
      if (isFree && await insertIfNew(this.#session.pending, fromPending(record))) return record;
    }
  }

  /**
   * The last step of an upload. Inserts the record first and looks then whether it may stay: so whoever condemns its
   * bytes or deletes it meanwhile either sees the record, or is seen.
   */
  async #insertMedia(media: AvailableMedia): Promise<AvailableMedia | 'taken' | 'deleted'> {
    if (!(await insertIfNew(this.#session.media, fromAvailable(media)))) return 'taken';
    await faultPoint('metadata.commit.inserted');
    const [isKept, standings] = await Promise.all([this.removals.spare(media.content), readStandings(this.#session, subjectsOf(media))]);
    const judged = judge(media, standings);
    if (!isKept || judged === undefined) await this.#session.media.deleteOne({ _id: toId(media.uri) });
    if (judged === undefined) return 'deleted';
    if (!isKept) throw beingRemoved();
    const found = judged.lost ? [{ kind: 'found', subject: blobSubject(media.content), by: media.userId } as const] : [];
    await this.acts.append([...found, ...noteBan(judged, standings)]);
    if (standings.size > 0) await refreshHints(this.#session, [mediaSubject(media.uri)]);
    return { ...judged, lost: false };
  }

  async #requireKept(blob: BlobName): Promise<void> {
    if (!(await this.removals.spare(blob))) throw beingRemoved();
  }

  async #findOne(uri: MxcUri): Promise<MediaRecord | undefined> {
    const [record] = await findRecords(this.#session, [uri]);
    return record;
  }
}
