import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { mediaSubject } from '../domain/acts.ts';
import { toAvailableMedia } from '../domain/media-record.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { because, HOUR_MS, ownContent, ownUpload, reservationOf, rounds, someone, soon } from './samples.contract.ts';

const BY = '@admin:example.org';

/** What every store promises of copies of other servers' media. */
export function testRemoteMedia(replicas: Replicas, open: OpenStore): void {
  test('a copy is nobody’s, and is known to all', async () => {
    const [uri, content] = [elsewhere(), ownContent()];
    const media = await replicas.next().recordRemote(uri, content, soon());
    assert.deepEqual(media, toAvailableMedia({ uri, userId: '', createdAt: media.createdAt, remote: true }, content));
    assert.ok(Math.abs(media.createdAt - Date.now()) < HOUR_MS);
    for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [media]);
  });

  test('of several copies of one media the first stays, and all are told of it', async () => {
    for (const _round of rounds({ least: 5, most: 30, withinMs: 2000 })) {
      const uri = elsewhere();
      const recorded = await Promise.all(Array.from({ length: 6 }, () => replicas.next().recordRemote(uri, ownContent(), soon())));
      assert.equal(new Set(recorded.map(({ content }) => content.digest)).size, 1);
      assert.deepEqual((await replicas.next().find([uri], soon()))[0], recorded[0]);
      assert.deepEqual(await replicas.next().recordRemote(uri, ownContent(), soon()), recorded[0]);
    }
  });

  test('our own media is never taken for a copy', async () => {
    const { uri } = await replicas.next().record(ownUpload(), soon());
    await assert.rejects(replicas.next().recordRemote(uri, ownContent(), soon()), because('CANNOT_OVERWRITE'));
    await replicas.next().acts.delete({ uris: [uri], by: BY, trashMs: HOUR_MS }, soon());
    await assert.rejects(replicas.next().recordRemote(uri, ownContent(), soon()), because('CANNOT_OVERWRITE'));
    assert.deepEqual(await replicas.next().trash.restore({ uris: [uri], by: BY }, soon()), [uri]);
    const pending = await replicas.next().reserve(reservationOf(someone()), soon());
    await assert.rejects(replicas.next().recordRemote(pending.uri, ownContent(), soon()), because('CANNOT_OVERWRITE'));
  });

  test('a deleted copy can be fetched anew, also with other bytes, and the log says so', async () => {
    const uri = elsewhere();
    const first = await replicas.next().recordRemote(uri, ownContent(), soon());
    for (const content of [first.content, ownContent()]) {
      assert.deepEqual(await replicas.next().acts.delete({ uris: [uri], by: BY }, soon()), [uri]);
      const before = await replicas.next().acts.position(soon());
      const again = await replicas.next().recordRemote(uri, content, soon());
      assert.deepEqual(again.content, content);
      for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [again]);
      const acts = await replicas.next().acts.after(before, 10, soon());
      assert.deepEqual(acts.map(({ kind, subject }) => [kind, subject]), [['restored', mediaSubject(uri)]]);
      assert.equal(await replicas.next().catalog.count({ origins: [uri.origin] }, soon()), 1);
    }
  });

  test('a copy in the trash comes out of it where the bytes are the same, and makes room for others', async () => {
    const uri = elsewhere();
    const first = await replicas.next().recordRemote(uri, ownContent(), soon());
    await replicas.next().acts.delete({ uris: [uri], by: BY, trashMs: HOUR_MS }, soon());
    assert.deepEqual(await replicas.next().recordRemote(uri, first.content, soon()), first);
    await replicas.next().acts.delete({ uris: [uri], by: BY, trashMs: HOUR_MS }, soon());
    const other = ownContent();
    assert.deepEqual((await replicas.next().recordRemote(uri, other, soon())).content, other);
    for (const store of replicas.all()) assert.deepEqual((await store.find([uri], soon())).map((record) => record?.state), ['available']);
    assert.deepEqual(await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [{ digest: first.content.digest, storedAt: 1 }], isDryRun: true }, soon()), [first.content.digest]);
    assert.deepEqual(await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [{ digest: other.digest, storedAt: 1 }], isDryRun: true }, soon()), []);
  });

  test('a copy that was fetched anew does not go with the trash', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const [uri, content] = [elsewhere(), ownContent()];
    await store.recordRemote(uri, content, soon());
    await store.acts.delete({ uris: [uri], by: BY, trashMs: HOUR_MS }, soon());
    await store.recordRemote(uri, content, soon());
    now += 2 * HOUR_MS;
    await store.trash.expire({ limit: 1000, isDryRun: false, by: 'expire' }, soon());
    assert.equal((await store.find([uri], soon()))[0]?.state, 'available');
  });

  test('copies of banned bytes are hidden from the first moment, and stay so when they come again', async () => {
    const [uri, content] = [elsewhere(), ownContent()];
    await replicas.next().acts.setQuarantine({ uris: [], digests: [content.digest], isQuarantined: true, by: BY }, soon());
    assert.equal((await replicas.next().recordRemote(uri, content, soon())).quarantine?.by, BY);
    await replicas.next().acts.delete({ uris: [uri], by: BY }, soon());
    assert.equal((await replicas.next().recordRemote(uri, content, soon())).quarantine?.by, BY);
    assert.equal(await replicas.next().catalog.count({ origins: [uri.origin], isQuarantined: true }, soon()), 1);
  });

  test('lost bytes are found by fetching them', async () => {
    const content = ownContent();
    const { uri } = await replicas.next().record(ownUpload(content), soon());
    const copy = elsewhere();
    await replicas.next().recordRemote(copy, content, soon());
    for (const again of [copy, elsewhere()]) {
      await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [content.digest], isLost: true, by: BY }, soon());
      assert.equal((await replicas.next().recordRemote(again, content, soon())).lost, false);
      const [media] = await replicas.next().find([uri], soon());
      assert.ok(media?.state === 'available' && !media.lost);
    }
  });

  test('bytes that are just being removed are refused, and leave no record', async () => {
    const [uri, content] = [elsewhere(), ownContent()];
    await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [{ digest: content.digest, storedAt: 1 }], isDryRun: false }, soon());
    await replicas.next().removals.claim({ store: COMMON_STORE, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false }, soon());
    await assert.rejects(replicas.next().recordRemote(uri, content, soon()), because('SERVICE_UNAVAILABLE'));
    assert.deepEqual(await replicas.next().find([uri], soon()), [undefined]);
    await replicas.next().removals.finish({ store: COMMON_STORE, digests: [content.digest] }, soon());
    assert.deepEqual((await replicas.next().recordRemote(uri, content, soon())).content, content);
  });

  test('beside a deletion a copy is there or gone, and can always be fetched again', async () => {
    for (const _round of rounds({ least: 5, most: 50, withinMs: 3000 })) {
      const [uri, content] = [elsewhere(), ownContent()];
      await replicas.next().recordRemote(uri, content, soon());
      await Promise.all([
        replicas.next().acts.delete({ uris: [uri], by: BY }, soon()),
        replicas.next().recordRemote(uri, content, soon()),
      ]);
      await replicas.next().recordRemote(uri, content, soon());
      for (const store of replicas.all()) assert.equal((await store.find([uri], soon()))[0]?.state, 'available');
    }
  });
}

function elsewhere(): MxcUri {
  return parseMxcParts(`${randomUUID()}.example`, 'media');
}
