import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import { MediaState } from '@medley/proto/metadata/media';
import { VerdictState } from '@medley/proto/metadata/verdicts';
import type { StatBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { Backlog, type BacklogOptions } from './backlog.ts';
import { REJECTED, saying, startScene, type Scene } from './scanner.fixture.ts';

function takeUp(scene: Scene, changes: Partial<BacklogOptions> = {}): Backlog {
  const statBlob = async () => ({ sizeBytes: 3 });
  const { scanning, metadata } = scene;
  return new Backlog({ scanning, metadata, storage: { statBlob }, stores: [COMMON_STORE], ...quietTelemetry(), takenUpAfterMs: 1000, atOnce: 2, pollMs: 20, ...changes });
}

async function leave(scene: Scene, text: string): Promise<string> {
  const { digest } = scene.put(text);
  await scene.metadata.putVerdict({ verdict: { digest, state: VerdictState.PENDING, finding: '', scanner: '', atMs: 0 } });
  return digest;
}

describe('what was left to be examined', () => {
  it('is examined, all of it, though some of it fails', async () => {
    await using scene = await startScene();
    const digests = await Promise.all(['one', 'two', 'bad', 'six'].map((text) => leave(scene, text)));
    scene.scanner.scan = async (parts, context) => {
      await saying(REJECTED)(parts, context);
      if (scene.scanner.calls.at(-1)?.subject?.digest === digests[0]) throw new MediaError('INTERNAL', 'this one breaks it');
      return REJECTED;
    };
    await using _ = takeUp(scene, { atOnce: 1 });
    await eventually(() => assert.deepEqual([...scene.metadata.pending.keys()], [digests[0]]));
    assert.deepEqual(digests.slice(1).map((digest) => scene.metadata.judged.get(digest)?.state), Array.from({ length: 3 }, () => VerdictState.REJECTED));
  });

  it('is left to whoever is at it, for a while', async () => {
    await using scene = await startScene();
    const old = await leave(scene, 'old');
    scene.metadata.now = Date.now();
    const fresh = await leave(scene, 'new');
    await using _ = takeUp(scene, { takenUpAfterMs: 60_000 });
    await eventually(() => assert.equal(scene.metadata.judged.get(old)?.state, VerdictState.CLEAN));
    assert.deepEqual([...scene.metadata.pending.keys()], [fresh]);
    assert.equal(scene.scanner.calls.length, 1);
  });

  it('is examined when the scanner is there again', async () => {
    await using scene = await startScene();
    await scene.scanner.stop();
    const digest = await leave(scene, 'one');
    await using _ = takeUp(scene);
    await eventually(() => assert.equal(scene.scanning.scanner.restMs, 0));
    await scene.scanner.start();
    await eventually(() => assert.equal(scene.metadata.judged.get(digest)?.state, VerdictState.CLEAN), 30_000);
  });

  it('is forgotten where its bytes are gone, which says nothing of them', async () => {
    await using scene = await startScene();
    await leave(scene, 'gone');
    await using _ = takeUp(scene, { storage: { statBlob: () => Promise.reject(new MediaError('NOT_FOUND', 'No such blob')) } });
    await eventually(() => assert.equal(scene.metadata.pending.size, 0));
    assert.deepEqual([scene.metadata.judged.size, scene.scanner.calls.length], [0, 0]);
  });

  it('is not kept waiting by files that the scanner hangs on', async () => {
    await using scene = await startScene({ timeout: '200ms' });
    const digests = (await Promise.all(['one', 'two', 'bad', 'six'].map((text) => leave(scene, text)))).toSorted();
    const last = digests.at(-1) ?? '';
    scene.scanner.scan = async (parts, context) => {
      const answer = await saying(REJECTED)(parts, context);
      return scene.scanner.calls.at(-1)?.subject?.digest === last ? answer : new Promise<never>(() => {});
    };
    await using _ = takeUp(scene, { atOnce: 1 });
    await eventually(() => assert.equal(scene.metadata.judged.get(last)?.state, VerdictState.REJECTED), 30_000);
  });

  it('is not forgotten where a record names it, though its bytes are gone: they may come back', async () => {
    await using scene = await startScene();
    const digest = await leave(scene, 'old');
    scene.metadata.records.push({
      key: { origin: 'a.example', mediaId: 'old' }, state: MediaState.AVAILABLE, userId: '', createdAtMs: 0, lost: false, remote: false, protected: false,
      content: { digest, sizeBytes: 3, contentType: '', frozen: true, store: '' },
    });
    let looks = 0;
    const statBlob = async () => {
      looks += 1;
      if (looks < 3) throw new MediaError('NOT_FOUND', 'No such blob');
      return { sizeBytes: 3 };
    };
    await using _ = takeUp(scene, { storage: { statBlob } });
    await eventually(() => assert.equal(scene.metadata.judged.get(digest)?.state, VerdictState.CLEAN));
  });

  it('is read from whichever store of those whose records name it has it', async () => {
    await using scene = await startScene();
    const digest = await leave(scene, 'one');
    for (const store of ['', 'b.example', 'gone.example', 'c.example']) {
      scene.metadata.records.push({
        key: { origin: 'a.example', mediaId: `in-${store}` }, state: MediaState.AVAILABLE, userId: '', createdAtMs: 0, lost: false, remote: false, protected: false,
        content: { digest, sizeBytes: 3, contentType: '', frozen: true, store },
      });
    }
    const { read } = scene;
    const readFrom: string[] = [];
    scene.read = (blob, signal) => {
      readFrom.push(blob.store);
      return read(blob, signal);
    };
    await using _ = takeUp(scene, { storage: { statBlob: inStore('c.example') } });
    await eventually(() => assert.equal(scene.metadata.judged.get(digest)?.state, VerdictState.CLEAN));
    assert.deepEqual(readFrom, ['c.example']);
  });

  it('is looked for in all stores where no record names it, and forgotten only if it is in none and all could be asked', async () => {
    await using scene = await startScene();
    const digest = await leave(scene, 'one');
    const stores = [COMMON_STORE, ...['b.example', 'c.example'].map(parseStoreName)];
    {
      await using _ = takeUp(scene, { stores, storage: { statBlob: inStore('c.example') } });
      await eventually(() => assert.equal(scene.metadata.judged.get(digest)?.state, VerdictState.CLEAN));
    }
    const gone = await leave(scene, 'two');
    let looks = 0;
    const statBlob = async (request: StatBlobRequest) => {
      if (request.key?.store === 'b.example' && (looks += 1) < 3) throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available');
      return inStore('nowhere')(request);
    };
    await using _ = takeUp(scene, { stores, storage: { statBlob } });
    await eventually(() => assert.equal(scene.metadata.pending.has(gone), false));
    assert.deepEqual([looks, scene.metadata.judged.has(gone)], [3, false]);
  });
});

/** A storage that has all bytes in this store, and knows all but one. */
function inStore(store: string): BacklogOptions['storage']['statBlob'] {
  return async ({ key }: StatBlobRequest) => {
    if (key?.store === 'gone.example') throw new MediaError('INVALID_PARAM', 'No such store');
    if (key?.store !== store) throw new MediaError('NOT_FOUND', 'No such blob');
    return { sizeBytes: 3 };
  };
}
