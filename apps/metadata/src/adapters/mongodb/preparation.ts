import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@medley/telemetry/logger';
import type { Db, MongoClient } from 'mongodb';

const RETRY_MS = 1000;

/**
 * Connects a client and makes the indexes, trying until it works. The driver finds a lost server again by itself, but
 * gives up after a first connection that fails.
 */
export class Preparation {
  #isDone = false;
  readonly #stopping = new AbortController();
  readonly #finished: Promise<void>;

  constructor(client: MongoClient, database: Db, log: Logger) {
    this.#finished = this.#run(client, database, log);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Tries no more. Whoever closes the client afterwards ends a try that is under way. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Settles once nothing is tried any more; never rejects. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  async #run(client: MongoClient, database: Db, log: Logger): Promise<void> {
    const { signal } = this.#stopping;
    while (!this.#isDone && !signal.aborted) {
      try {
        await client.connect();
        await makeIndexes(database);
        this.#isDone = true;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ why: String(error) }, 'the metadata database can not be prepared yet');
        // Waking early is all that an abort means here; the loop's condition ends it.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Making an index that exists does nothing. */
async function makeIndexes(database: Db): Promise<void> {
  await database.collection('pending').createIndex({ userId: 1, unusedExpiresAt: 1 }, { name: 'pending_of_user' });
  await database.collection('pending').createIndex({ unusedExpiresAt: 1 }, { name: 'pending_lapsing' });
  await database.collection('media').createIndex({ store: 1, digest: 1 }, { name: 'media_of_store' });
  await database.collection('media').createIndex({ expiresAt: 1 }, { name: 'media_expiring' });
  await makeListIndexes(database);
  await database.collection('media').createIndex({ userId: 1, kind: 1, createdAt: 1, sizeBytes: 1 }, { name: 'media_quota' });
  await database.collection('quota_reservations').createIndex({ userId: 1 }, { name: 'quota_reservations_of_user' });
  await database.collection('quota_reservations').createIndex({ lapsesAt: 1 }, { name: 'quota_reservations_lapsing' });
  await database.collection('previews').createIndex({ key: 1, fetchedAt: -1 }, { name: 'previews_of_key' });
  await database.collection('previews').createIndex({ expiresAt: 1 }, { name: 'previews_expiring' });
  await database.collection('room_uses').createIndex({ uri: 1, kind: 1 }, { name: 'room_uses_of_media' });
  await database.collection('room_uses').createIndex({ event: 1 }, { name: 'room_uses_of_event' });
  await database.collection('room_states').createIndex({ slot: 1 }, { name: 'room_states_of_slot' });
  await database.collection('acts').createIndex({ subject: 1, _id: -1 }, { name: 'acts_of_subject' });
  await database.collection('acts').createIndex({ kind: 1, subject: 1 }, { name: 'acts_of_kind' });
  await database.collection('media').createIndex({ digest: 1, _id: 1 }, { name: 'media_twins' });
  await database.collection('trash').createIndex({ purgeAt: 1, _id: 1 }, { name: 'trash_in_order' });
  await database.collection('leases').createIndex({ name: 1, turn: -1 }, { name: 'leases_in_turn' });
  await database.collection('condemned').createIndex({ store: 1, condemnedAt: 1 }, { name: 'condemned_of_store' });
  await database.collection('content_verdicts').createIndex({ state: 1, _id: 1 }, { name: 'content_verdicts_of_state' });
  await database.collection('verdicts').createIndex({ condemnation: 1 }, { name: 'verdicts_on_condemnation' });
  await database.collection('verdicts').createIndex({ at: 1 }, { name: 'verdicts_in_order' });
}

/** A list is read in the order of an index; origin and media id always ascend, so each direction needs its own. */
async function makeListIndexes(database: Db): Promise<void> {
  const media = database.collection('media');
  for (const [direction, way] of [[1, 'up'], [-1, 'down']] as const) {
    await media.createIndex({ userId: 1, createdAt: direction, origin: 1, mediaId: 1 }, { name: `media_of_user_${way}` });
    await media.createIndex({ origin: 1, createdAt: direction, mediaId: 1 }, { name: `media_of_origin_${way}` });
  }
  await media.createIndex({ createdAt: 1, origin: 1, mediaId: 1 }, { name: 'media_by_creation' });
  await media.createIndex({ usedAt: 1, origin: 1, mediaId: 1 }, { name: 'media_by_access' });
  await media.createIndex({ kind: 1, usedAt: 1, origin: 1, mediaId: 1 }, { name: 'media_of_kind_by_access' });
  for (const field of ['quarantinedBy', 'isProtected', 'isLost']) await media.createIndex({ [field]: 1 }, { name: `media_by_${field}` });
}
