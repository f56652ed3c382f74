import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from '../harness/stores.ts';
import { Cluster } from './cluster.ts';
import { Scene } from './scene.ts';

const RETRY_MS = 1500;
/** Nothing waits, but for a sweep that has stopped. */
const CONFIG = {
  maintenance: { orphan_grace: '1ms', removal_wait: '1ms', removal_retry: `${RETRY_MS}ms`, staging_grace: '1h' },
};
const LIMIT = { timeout: 60_000 };

/** Starts the services with fault points, for the interleavings. Takes the stores over. */
export function startForInterleavings(stores: Stores): Promise<Cluster> {
  return Cluster.start(stores, CONFIG);
}

type Act = (scene: Scene) => Promise<void>;
/** One test: `act`, then sweeps, then the checker. */
type Play = (name: string, act: Act) => void;

/** Whatever the order of events, an upload that was acknowledged can be read, and what nobody needs is removed. */
export function describeInterleavings(cluster: Cluster): void {
  const play: Play = (name, act) => {
    it(name, LIMIT, async (t) => {
      using scene = await Scene.open(cluster);
      await act(scene);
      t.diagnostic(`${await scene.settle()} uploads acknowledged`);
    });
  };
  uploadsDuringSweeps(play);
  sweepsDuringUploads(play);
  quarantinesDuringUploads(play);
  removalsDuringRemovals(play);
}

function uploadsDuringSweeps(play: Play): void {
  play('an upload of bytes that a sweep has condemned', async (scene) => {
    await scene.leaveOrphan();
    const sweeping = await scene.hold('sweep.condemned', () => scene.sweep());
    await scene.uploadAtLast();
    await sweeping.release();
  });

  for (const point of ['sweep.claimed', 'storage.delete.halfway', 'sweep.removed'] as const) {
    play(`an upload of bytes whose removal is at ${point}`, async (scene) => {
      await scene.leaveOrphan();
      await scene.sweep();
      const sweeping = await scene.hold(point, () => scene.sweep());
      await scene.upload();
      await sweeping.release();
      await scene.uploadAtLast();
    });
  }
}

function sweepsDuringUploads(play: Play): void {
  for (const point of ['storage.put.mid-stream', 'storage.put.staged', 'storage.put.copied', 'gateway.upload.stored', 'metadata.commit.inserted'] as const) {
    play(`the deletion of media, and its sweep, while somebody else's upload of the same bytes is at ${point}`, async (scene) => {
      const first = await scene.uploadAtLast();
      const uploading = await scene.hold(point, () => scene.upload());
      await scene.delete(first);
      await scene.sweep(2);
      await uploading.release();
      await scene.uploadAtLast();
    });

    play(`a sweep of condemned bytes while an upload of them is at ${point}`, async (scene) => {
      await scene.leaveOrphan();
      await scene.sweep();
      const uploading = await scene.hold(point, () => scene.upload());
      await scene.sweep();
      await uploading.release();
      await scene.uploadAtLast();
    });
  }

  play('an upload that is committed long after its bytes were stored', async (scene) => {
    const uploading = await scene.hold('gateway.upload.stored', () => scene.upload());
    await scene.sweep(3);
    await uploading.release();
    await scene.uploadAtLast();
  });
}

function quarantinesDuringUploads(play: Play): void {
  play('a quarantine by digest while a copy is stored and not committed', async (scene) => {
    await scene.uploadAtLast();
    const uploading = await scene.hold('gateway.upload.stored', () => scene.upload());
    await scene.quarantine();
    const copy = await uploading.release();
    assert.ok(copy, 'the copy was not acknowledged');
  });

  play('a quarantine by digest while the record of a copy is being written', async (scene) => {
    await scene.uploadAtLast();
    const uploading = await scene.hold('metadata.commit.inserted', () => scene.upload());
    await scene.quarantine();
    await uploading.release();
  });
}

function removalsDuringRemovals(play: Play): void {
  play('two sweeps at once', async (scene) => {
    await scene.leaveOrphan();
    await Promise.all([scene.sweep(), scene.sweep()]);
    await Promise.all([scene.sweep(), scene.sweep()]);
  });

  play('a sweep that stops so long that another finishes its work, and somebody uploads the bytes again', async (scene) => {
    await scene.leaveOrphan();
    await scene.sweep();
    const sweeping = await scene.hold('sweep.claimed', () => scene.sweep());
    await sleep(RETRY_MS);
    await scene.sweep();
    await scene.uploadAtLast();
    await sweeping.release();
  });

  play('a deletion that is held up while its media is deleted again, and somebody uploads the bytes', async (scene) => {
    const first = await scene.uploadAtLast();
    const deleting = await scene.hold('metadata.delete.decided', () => scene.delete(first));
    await scene.delete(first);
    await scene.sweep();
    await scene.uploadAtLast();
    await deleting.release();
  });
}
