import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import type { BlobName } from '../domain/blob-name.ts';
import type { MediaContent } from '../domain/media-record.ts';
import type { Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { HOUR_MS, ORIGIN, ownContent, ownUpload, reservationOf, rounds, someone, soon } from './samples.contract.ts';

const CLAIM = { store: COMMON_STORE, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false };

/** What must hold when bytes are removed while others upload the same. */
export function testRemovalRaces(replicas: Replicas): void {
  test('of uploads and sweeps of the same bytes at once, no upload is acknowledged whose bytes then go', async () => {
    const counts = { acknowledged: 0, refused: 0, handedOut: 0 };
    for (const round of rounds()) add(counts, await race(replicas, ownContent(), round));
    // Otherwise nothing has raced.
    assert.ok(counts.acknowledged > 0 && counts.handedOut > 0, JSON.stringify(counts));
  });

  test('the same holds in each of two stores where the same bytes are uploaded and removed at once', async () => {
    const counts = [COMMON_STORE, parseStoreName(ORIGIN)].map((store) => ({ store, acknowledged: 0, refused: 0, handedOut: 0 }));
    for (const round of rounds({ least: 8, most: 60, withinMs: 3000 })) {
      const content = ownContent();
      // Each store's uploads come at another phase of its sweeps.
      await Promise.all(counts.map(async (own, position) => add(own, await race(replicas, { ...content, store: own.store }, round + position))));
    }
    assert.ok(counts.every(({ acknowledged, handedOut }) => acknowledged > 0 && handedOut > 0), JSON.stringify(counts));
  });

  test('several who claim at once get each blob once, all together all of them', async () => {
    for (let round = 0; round < 10; round += 1) {
      const digests = Array.from({ length: 30 }, () => ownContent().digest);
      await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: digests.map((digest) => ({ digest, storedAt: 1 })), isDryRun: false }, soon());
      const claims = await Promise.all([1, 2, 3, 4].map(() => replicas.next().removals.claim(CLAIM, soon())));
      const handedOut = claims.flatMap(({ removals }) => removals.map(({ digest }) => digest));
      assert.deepEqual(handedOut.filter((digest) => digests.includes(digest)).sort(), digests.sort());
      await replicas.next().removals.finish({ store: COMMON_STORE, digests: handedOut }, soon());
    }
  });
}

type Counts = Record<'acknowledged' | 'refused' | 'handedOut', number>;

/** Uploads and sweeps at once; answers what came of it. */
async function race(replicas: Replicas, content: MediaContent, round: number): Promise<Counts> {
  const witness = new Witness(content);
  const phase = PHASES[round % PHASES.length] ?? 'started';
  const uploads = [uploadWhole, uploadReserved].map((upload) => witness.upload(() => upload(replicas, content), phase));
  const sweeps = replicas.all().map((store) => witness.sweep(store));
  await Promise.all([...uploads, ...sweeps]);
  return witness;
}

function add(counts: Counts, more: Counts): void {
  counts.acknowledged += more.acknowledged;
  counts.refused += more.refused;
  counts.handedOut += more.handedOut;
}

/** How far a sweep has got. */
const PHASES = ['started', 'condemned', 'claimed', 'finished'] as const;
type Phase = (typeof PHASES)[number];

/** Watches one blob: from the moment its removal is handed out until it is finished nobody may be told that it is safe, and never the other way round. */
class Witness {
  acknowledged = 0;
  refused = 0;
  handedOut = 0;
  #isBeingRemoved = false;
  readonly #phases = Object.fromEntries(PHASES.map((phase) => [phase, Promise.withResolvers<void>()]));
  readonly #blob: BlobName;

  constructor(blob: BlobName) {
    this.#blob = blob;
  }

  /** Uploads as soon as the first sweep has got to a phase. */
  async upload(attempt: () => Promise<void>, phase: Phase): Promise<void> {
    await this.#phases[phase]?.promise;
    try {
      await attempt();
    } catch (error) {
      assert.ok(error instanceof MediaError && error.reason === 'SERVICE_UNAVAILABLE', String(error));
      this.refused += 1;
      return;
    }
    assert.equal(this.#isBeingRemoved, false, 'acknowledged while the bytes were being removed');
    this.acknowledged += 1;
  }

  async sweep(store: MetadataStore): Promise<void> {
    this.#reach('started');
    await this.#sweep(store);
    for (const phase of PHASES) this.#reach(phase);
  }

  async #sweep({ removals }: MetadataStore): Promise<void> {
    const { store, digest: own } = this.#blob;
    await removals.condemn({ store, blobs: [{ digest: own, storedAt: 1 }], isDryRun: false }, soon());
    this.#reach('condemned');
    await nextTurn();
    const claimed = await removals.claim({ ...CLAIM, store }, soon());
    if (!claimed.removals.some(({ digest }) => digest === own)) return;
    assert.equal(this.acknowledged, 0, 'handed out although an upload was acknowledged');
    assert.equal(this.#isBeingRemoved, false, 'handed out twice');
    this.handedOut += 1;
    this.#isBeingRemoved = true;
    this.#reach('claimed');
    await nextTurn();
    this.#isBeingRemoved = false;
    await removals.finish({ store, digests: [own] }, soon());
  }

  #reach(phase: Phase): void {
    this.#phases[phase]?.resolve();
  }
}

async function uploadWhole(replicas: Replicas, content: MediaContent): Promise<void> {
  await replicas.next().record(ownUpload(content), soon());
}

async function uploadReserved(replicas: Replicas, content: MediaContent): Promise<void> {
  const userId = someone();
  const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
  await replicas.next().commit(uri, { userId, content }, soon());
}
