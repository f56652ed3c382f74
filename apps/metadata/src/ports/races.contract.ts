import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Replicas } from './metadata-store.contract.ts';
import { contentOf, HOUR_MS, reservationOf, someone, soon } from './samples.contract.ts';

const CONTENDERS = 20;
const LIMIT = 5;

/** What must hold when several processes do the same at once. */
export function testRaces(replicas: Replicas): void {
  test('reservations at once never exceed the limit, and lose no room for good', async () => {
    const userId = someone();
    const reserve = () => replicas.next().reserve(reservationOf(userId, { maxPending: LIMIT }), soon());
    const { won, lost } = await contend(reserve);
    assert.ok(won.length <= LIMIT, `${won.length} won`);
    assert.ok(lost.every((error) => error.reason === 'PENDING_LIMIT'), `lost by ${lost.map(({ reason }) => reason).join()}`);
    for (let count = won.length; count < LIMIT; count += 1) await reserve();
    await assert.rejects(reserve(), (error: unknown) => error instanceof MediaError && error.reason === 'PENDING_LIMIT');
  });

  test('of several commits at once exactly one wins, and it is the one that everybody reads', async () => {
    for (let round = 0; round < 10; round += 1) {
      const userId = someone();
      const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
      const { won, lost } = await contend((letter) => replicas.next().commit(uri, { userId, content: contentOf(letter) }, soon()));
      assert.equal(won.length, 1);
      assert.ok(lost.every((error) => error.reason === 'CANNOT_OVERWRITE'), `lost by ${lost.map(({ reason }) => reason).join()}`);
      for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), won);
    }
  });

  test('claims and abandonments beside a commit do not undo it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const userId = someone();
      const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
      const claim = await replicas.next().claim(uri, { userId, claimMs: HOUR_MS }, soon());
      const commit = replicas.next().commit(uri, { userId, content: contentOf('a') }, soon());
      const others = contend(() => replicas.next().claim(uri, { userId, claimMs: HOUR_MS }, soon()));
      const abandon = replicas.next().abandon(uri, claim, soon());
      const [media] = await Promise.all([commit, others, abandon]);
      for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [media]);
    }
  });

  test('a media id is there in every moment of its commit', async () => {
    const userId = someone();
    for (let round = 0; round < 10; round += 1) {
      const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
      let isCommitted = false;
      const commit = replicas.next().commit(uri, { userId, content: contentOf('a') }, soon()).finally(() => (isCommitted = true));
      const readers = Array.from({ length: 4 }, () => readUntil(replicas, uri, () => isCommitted));
      await Promise.all([commit, ...readers]);
    }
  });

  test('an upload that races its expiry either was refused or succeeds', async () => {
    const userId = someone();
    const { won, lost } = await contend(async (letter) => {
      const unusedExpiresAt = Date.now() + letter.charCodeAt(0) % 8;
      const { uri } = await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt }), soon());
      await replicas.next().claim(uri, { userId, claimMs: 1 }, soon());
      const media = await replicas.next().commit(uri, { userId, content: contentOf(letter) }, soon()).catch(toBug);
      assert.deepEqual(await replicas.next().find([uri], soon()), [media]);
    });
    assert.equal(won.length + lost.length, CONTENDERS);
    assert.ok(lost.every((error) => error.reason === 'NOT_FOUND'), `lost by ${lost.map(({ reason }) => reason).join()}`);
  });
}

/** Runs `attempt` many times at once. Anything thrown but a MediaError fails the test. */
async function contend<Result>(attempt: (letter: string) => Promise<Result>): Promise<{ won: Result[]; lost: MediaError[] }> {
  const letters = Array.from({ length: CONTENDERS }, (_, index) => String.fromCharCode('a'.charCodeAt(0) + index));
  const results = await Promise.allSettled(letters.map(attempt));
  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const error of lost) if (!(error instanceof MediaError)) throw error;
  return { won, lost };
}

async function readUntil(replicas: Replicas, uri: MxcUri, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const [record] = await replicas.next().find([uri], soon());
    assert.ok(record !== undefined, 'the media id was gone for a moment');
  }
}

/** What was claimed in time must not be refused any more. */
function toBug(error: unknown): never {
  throw new Error('a claimed upload was refused', { cause: error });
}
