import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintMediaId, type MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import type { AvailableMedia, MediaRecord, PendingMedia } from '../../domain/media-record.ts';
import { pendingLimit, requireClaimable, requireCommittable } from '../../domain/upload-rules.ts';
import type { Claim, FinishedUpload, MetadataStore, NewUpload, Reservation, StoreOptions } from '../../ports/metadata-store.ts';
import { inTransaction, openDatabase } from './open-database.ts';
import { fromContent, toRecord, type MediaRow } from './rows.ts';
import { isLocked, translateSqliteError } from './sqlite-errors.ts';
import { prepareStatements, type Statements } from './statements.ts';

/** While another process opens or closes the file for the first or last time, SQLite refuses some steps without waiting. */
const OPEN_TRIES = 20;
const OPEN_PAUSE_MS = 50;

/** Opens the store in the file at `path`; see openDatabase. */
export async function openSqliteStore(path: string, options: StoreOptions = {}): Promise<MetadataStore> {
  for (let tries = 1; ; tries += 1) {
    try {
      return new SqliteStore(openDatabase(path), options);
    } catch (error) {
      if (!isLocked(error) || tries === OPEN_TRIES) throw error;
      await sleep(OPEN_PAUSE_MS);
    }
  }
}

/** Answers within the call, so signals matter only before it. */
class SqliteStore implements MetadataStore {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #now: () => number;
  readonly #mint: (now: number) => MediaId;

  constructor(database: DatabaseSync, { now = Date.now, mint = mintMediaId }: StoreOptions) {
    this.#database = database;
    this.#sql = prepareStatements(database);
    this.#now = now;
    this.#mint = mint;
  }

  async reserve({ origin, userId, unusedExpiresAt, maxPending }: Reservation, signal: AbortSignal): Promise<PendingMedia> {
    return this.#write(signal, () => {
      const now = this.#now();
      if (maxPending > 0) this.#requireRoom(userId, maxPending, now);
      const uri = this.#mintUnused(origin, now);
      this.#sql.reserve.run({ ...toNames(uri), user_id: userId, created_at: now, unused_expires_at: unusedExpiresAt });
      return { uri, userId, createdAt: now, state: 'pending', unusedExpiresAt, claimedUntil: undefined };
    });
  }

  async claim(uri: MxcUri, { userId, claimMs }: Claim, signal: AbortSignal): Promise<string> {
    return this.#write(signal, () => {
      const now = this.#now();
      requireClaimable(this.#findOne(uri), userId, now);
      const claim = randomUUID();
      this.#sql.claim.run({ ...toNames(uri), claim, claimed_until: now + claimMs });
      return claim;
    });
  }

  async commit(uri: MxcUri, { userId, content }: FinishedUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return this.#write(signal, () => {
      const { createdAt } = requireCommittable(this.#findOne(uri), userId);
      this.#sql.commit.run({ ...toNames(uri), ...fromContent(content) });
      return { uri, userId, createdAt, state: 'available', content };
    });
  }

  async abandon(uri: MxcUri, claim: string, signal: AbortSignal): Promise<void> {
    this.#write(signal, () => this.#sql.abandon.run({ ...toNames(uri), claim }));
  }

  async record({ origin, userId, content }: NewUpload, signal: AbortSignal): Promise<AvailableMedia> {
    return this.#write(signal, () => {
      const now = this.#now();
      const uri = this.#mintUnused(origin, now);
      this.#sql.record.run({ ...toNames(uri), user_id: userId, created_at: now, ...fromContent(content) });
      return { uri, userId, createdAt: now, state: 'available', content };
    });
  }

  async find(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]> {
    signal.throwIfAborted();
    return translated(() => this.#find(uris));
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.find([], signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
  }

  #write<Result>(signal: AbortSignal, work: () => Result): Result {
    signal.throwIfAborted();
    return translated(() => inTransaction(this.#database, work));
  }

  #requireRoom(userId: string, maxPending: number, now: number): void {
    const { count, first } = this.#sql.countPending.get({ user_id: userId, now }) as { count: number; first: number | null };
    if (count >= maxPending) throw pendingLimit(first ?? undefined, now);
  }

  #mintUnused(origin: ServerName, now: number): MxcUri {
    for (;;) {
      const uri = { origin, mediaId: this.#mint(now) };
      if (this.#findOne(uri) === undefined) return uri;
    }
  }

  #findOne(uri: MxcUri): MediaRecord | undefined {
    return this.#find([uri])[0];
  }

  #find(uris: readonly MxcUri[]): (MediaRecord | undefined)[] {
    const names = JSON.stringify(uris.map(({ origin, mediaId }) => [origin, mediaId]));
    const rows = this.#sql.find.all({ names }) as unknown as ({ readonly position: number } & MediaRow)[];
    const found = new Map(rows.map((row) => [row.position, toRecord(row)]));
    return uris.map((_, position) => found.get(position));
  }
}

function toNames({ origin, mediaId }: MxcUri): { origin: string; media_id: string } {
  return { origin, media_id: mediaId };
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw translateSqliteError(error);
  }
}
