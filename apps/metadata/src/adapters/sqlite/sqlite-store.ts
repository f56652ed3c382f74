import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintMediaId, type MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import { faultPoint } from '@medley/fault-points/fault-point';
import { blobSubject, mediaSubject, toSubjectText } from '../../domain/acts.ts';
import { toAvailableMedia, toPendingMedia, type AvailableMedia, type MediaContent, type MediaRecord, type PendingMedia } from '../../domain/media-record.ts';
import { beingRemoved } from '../../domain/removal-rules.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { isBlobLost, judge, subjectsOf } from '../../domain/standing.ts';
import { pendingLimit, requireClaimable, requireCommittable } from '../../domain/upload-rules.ts';
import type { Claim, FinishedUpload, MetadataStore, NewUpload, Reservation, StoreOptions } from '../../ports/metadata-store.ts';
import { refreshHints } from './hints.ts';
import { addActs, findRecords, readStandings } from './look-up.ts';
import { fromContent, fromCreation, fromUri } from './rows.ts';
import { SqliteSession } from './session.ts';
import { Settler } from './settler.ts';
import { SqliteActs } from './sqlite-acts.ts';
import { isLocked } from './sqlite-errors.ts';
import { SqliteCatalog } from './sqlite-catalog.ts';
import { SqliteInventory } from './sqlite-inventory.ts';
import { SqliteJobs } from './sqlite-jobs.ts';
import { SqliteLeases } from './sqlite-leases.ts';
import { SqlitePreviews } from './sqlite-previews.ts';
import { SqliteQuotas } from './sqlite-quotas.ts';
import { recordRemote } from './sqlite-remote.ts';
import { SqliteRemovals } from './sqlite-removals.ts';
import { SqliteTrash } from './sqlite-trash.ts';
import { SqliteRooms } from './sqlite-rooms.ts';
import { SqliteVerdicts } from './sqlite-verdicts.ts';

/** While another process opens or closes the file for the first or last time, SQLite refuses some steps without waiting. */
const OPEN_TRIES = 20;
const OPEN_PAUSE_MS = 50;

/** Opens the store in the file at `path`; see openDatabase. */
export async function openSqliteStore(path: string, { now = Date.now, mint = mintMediaId, calls }: StoreOptions = {}): Promise<MetadataStore> {
  for (let tries = 1; ; tries += 1) {
    try {
      return new SqliteStore(new SqliteSession(path, now, calls), mint);
    } catch (error) {
      if (!isLocked(error) || tries === OPEN_TRIES) throw error;
      await sleep(OPEN_PAUSE_MS);
    }
  }
}

class SqliteStore implements MetadataStore {
  readonly acts: SqliteActs;
  readonly trash: SqliteTrash;
  readonly leases: SqliteLeases;
  readonly jobs: SqliteJobs;
  readonly removals: SqliteRemovals;
  readonly inventory: SqliteInventory;
  readonly previews: SqlitePreviews;
  readonly catalog: SqliteCatalog;
  readonly rooms: SqliteRooms;
  readonly verdicts: SqliteVerdicts;
  readonly quotas: SqliteQuotas;
  readonly #session: SqliteSession;
  readonly #settler: Settler;
  readonly #mint: (now: number) => MediaId;

  constructor(session: SqliteSession, mint: (now: number) => MediaId) {
    this.acts = new SqliteActs(session);
    this.trash = new SqliteTrash(session);
    this.leases = new SqliteLeases(session);
    this.jobs = new SqliteJobs(session);
    this.removals = new SqliteRemovals(session);
    this.inventory = new SqliteInventory(session);
    this.previews = new SqlitePreviews(session);
    this.catalog = new SqliteCatalog(session);
    this.rooms = new SqliteRooms(session);
    this.verdicts = new SqliteVerdicts(session);
    this.quotas = new SqliteQuotas(session);
    this.#session = session;
    this.#settler = new Settler(session);
    this.#mint = mint;
  }

  async reserve({ origin, userId, unusedExpiresAt, maxPending }: Reservation, signal: AbortSignal): Promise<PendingMedia> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const createdAt = now();
      if (maxPending > 0) this.#requireRoom(userId, maxPending, createdAt);
      const uri = this.#mintUnused(origin, createdAt);
      sql.reserve.run({ ...fromUri(uri), user_id: userId, created_at: createdAt, unused_expires_at: unusedExpiresAt });
      return toPendingMedia({ uri, userId, createdAt }, unusedExpiresAt);
    });
  }

  async claim(uri: MxcUri, { userId, claimMs }: Claim, signal: AbortSignal): Promise<string> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const claimedAt = now();
      requireClaimable(this.#findOne(uri), userId, claimedAt);
      const claim = randomUUID();
      sql.claim.run({ ...fromUri(uri), claim, claimed_until: claimedAt + claimMs });
      return claim;
    });
  }

  async commit(uri: MxcUri, { userId, content }: FinishedUpload, signal: AbortSignal): Promise<AvailableMedia> {
    const media = this.#session.write(signal, () => {
      const { createdAt } = requireCommittable(this.#findOne(uri), userId);
      this.#session.sql.commit.run({ ...fromUri(uri), ...fromContent(content) });
      return this.#settle(toAvailableMedia({ uri, userId, createdAt }, content));
    });
    await faultPoint('metadata.commit.inserted');
    return media;
  }

  async abandon(uri: MxcUri, claim: string, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => this.#session.sql.abandon.run({ ...fromUri(uri), claim }));
  }

  async record({ origin, userId, content, expiresAt, sourceUrl }: NewUpload, signal: AbortSignal): Promise<AvailableMedia> {
    const { sql, now } = this.#session;
    const media = this.#session.write(signal, () => {
      const createdAt = now();
      const uri = this.#mintUnused(origin, createdAt);
      const creation = { uri, userId, createdAt, ...(expiresAt !== undefined && { expiresAt }), ...(sourceUrl !== undefined && { sourceUrl }) };
      sql.record.run({ ...fromCreation(creation), ...fromContent(content) });
      return this.#settle(toAvailableMedia(creation, content));
    });
    await faultPoint('metadata.commit.inserted');
    return media;
  }

  async recordRemote(uri: MxcUri, content: MediaContent, signal: AbortSignal): Promise<AvailableMedia> {
    return this.#session.write(signal, () => recordRemote(this.#session, uri, content));
  }

  async find(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]> {
    return this.#session.read(signal, () => findRecords(this.#session.sql, uris));
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.find([], signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#settler[Symbol.dispose]();
    this.#session[Symbol.dispose]();
  }

  #requireRoom(userId: string, maxPending: number, now: number): void {
    const { count, first } = this.#session.sql.countPending.get({ user_id: userId, now }) as { count: number; first: number | null };
    if (count >= maxPending) throw pendingLimit(first ?? undefined, now);
  }

  /** What was deleted leaves its act behind. */
  #mintUnused(origin: ServerName, now: number): MxcUri {
    for (;;) {
      const uri = { origin, mediaId: this.#mint(now) };
      const isUsed = this.#findOne(uri) !== undefined || readStandings(this.#session.sql, [toSubjectText(mediaSubject(uri))]).size > 0;
      if (!isUsed) return uri;
    }
  }

  #findOne(uri: MxcUri): MediaRecord | undefined {
    return findRecords(this.#session.sql, [uri])[0];
  }

  /** The last step of an upload, in its transaction: its bytes stay, and are not lost any more. */
  #settle(media: AvailableMedia): AvailableMedia {
    const { store, digest } = media.content;
    if (this.#session.sql.isClaimed.get({ store, digest }) !== undefined) throw beingRemoved();
    const standings = readStandings(this.#session.sql, subjectsOf(media));
    if (isBlobLost(media.content, standings)) addActs(this.#session, [{ kind: 'found', subject: blobSubject(media.content), by: media.userId }]);
    addActs(this.#session, noteBan(judge(media, standings) ?? media, standings));
    if (standings.size > 0) refreshHints(this.#session, [mediaSubject(media.uri)]);
    return { ...(judge(media, standings) ?? media), lost: false };
  }
}
