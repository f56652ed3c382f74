import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { Act } from '../domain/acts.ts';
import type { Replicas } from './metadata-store.contract.ts';
import { ownContent, ownUpload, reservationOf, rounds, someone, soon } from './samples.contract.ts';

const APPENDERS = 8;
const ACTS_EACH = 20;

/** What must hold when acts are added while others act, too. */
export function testActRaces(replicas: Replicas): void {
  test('many who add to the log at once leave neither gap nor double, and readers see all in order', async () => {
    const before = await replicas.next().acts.position(soon());
    const count = APPENDERS * ACTS_EACH * 2;
    const readers = replicas.all().map((store) => readAll((after) => store.acts.after(after, 7, soon()), before, count));
    const appenders = Array.from({ length: APPENDERS }, (_, index) => append(replicas, `appender-${index}`));
    await Promise.all(appenders);
    for (const acts of await Promise.all(readers)) {
      assert.deepEqual(acts.map(({ sequence }) => sequence), acts.map((_, index) => before + index + 1));
      assert.equal(new Set(acts.map(({ by, subject }) => by + JSON.stringify(subject))).size, count);
    }
    assert.equal(await replicas.next().acts.position(soon()), before + count);
  });

  test('bytes that are banned while they are uploaded are banned, whoever was first', async () => {
    for (const _round of rounds()) {
      const content = ownContent();
      const order = { uris: [], digests: [content.digest], isQuarantined: true, by: 'test' };
      const [media] = await Promise.all([
        replicas.next().record(ownUpload(content), soon()),
        replicas.next().acts.setQuarantine(order, soon()),
      ]);
      for (const store of replicas.all()) assert.equal((await store.find([media.uri], soon()))[0]?.quarantine?.by, 'test');
    }
  });

  test('a deletion beside a commit leaves nothing, whoever was first', async () => {
    for (const _round of rounds()) {
      const userId = someone();
      const content = ownContent();
      const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
      const commit = replicas.next().commit(uri, { userId, content }, soon()).then(() => undefined, (error: unknown) => error);
      const [refusal, deleted] = await Promise.all([commit, replicas.next().acts.delete({ uris: [uri], by: 'test' }, soon())]);
      assert.ok(refusal === undefined || (refusal instanceof MediaError && refusal.reason === 'NOT_FOUND'), String(refusal));
      assert.deepEqual(deleted, [uri]);
      for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [undefined]);
      const blob = { digest: content.digest, storedAt: 1 };
      assert.deepEqual(await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [blob], isDryRun: true }, soon()), [content.digest]);
    }
  });

  test('media that two delete at once is gone, and somebody has deleted it', async () => {
    for (const _round of rounds()) {
      const { uri } = await replicas.next().record(ownUpload(), soon());
      const deletions = await Promise.all(replicas.all().map((store) => store.acts.delete({ uris: [uri], by: 'test' }, soon())));
      assert.ok(deletions.flat().length >= 1);
      for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [undefined]);
    }
  });
}

async function append(replicas: Replicas, by: string): Promise<void> {
  for (let count = 0; count < ACTS_EACH; count += 1) {
    const digests = [ownContent().digest, ownContent().digest];
    await replicas.next().acts.setQuarantine({ uris: [], digests, isQuarantined: true, by }, soon());
  }
}

async function readAll(after: (sequence: number) => Promise<readonly Act[]>, from: number, count: number): Promise<Act[]> {
  const acts: Act[] = [];
  while (acts.length < count) {
    acts.push(...(await after(acts.at(-1)?.sequence ?? from)));
    // Lets the others go on where the store answers within the call.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return acts;
}
