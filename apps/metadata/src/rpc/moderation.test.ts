import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MediaContent, MediaKey } from '@medley/proto/metadata/media';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { useTwo } from '../two-services.fixture.ts';

const BY = '@admin:example.org';

describe('moderation, over the wire', () => {
  const two = useTwo();

  const upload = async (content: MediaContent = ownContent()): Promise<MediaKey> => {
    const { record } = await two.here.recordUpload({ origin: ORIGIN, userId: someone(), content });
    return record?.key ?? assert.fail('a record has a key');
  };
  const find = async (key: MediaKey) => (await two.there.batchGetMedia({ keys: [key] })).results[0]?.record;

  test('a quarantine says why, and how many it has named; who protects is told what is there', async () => {
    const content = ownContent();
    const [key, twin, safe] = [await upload(content), await upload(content), await upload(content)];
    assert.deepEqual(await two.here.setProtection({ keys: [safe, { ...safe, mediaId: 'unknown' }], protected: true, by: BY }), { found: [safe] });
    const order = { keys: [key], digests: [], by: BY, reason: 'spam' };
    assert.deepEqual(await two.here.setQuarantine({ ...order, quarantined: true }), { affectedCount: 2 });
    for (const hidden of [key, twin]) assert.deepEqual((await find(hidden))?.quarantine, { by: BY, atMs: (await find(hidden))?.quarantine?.atMs, reason: 'spam' });
    const kept = await find(safe);
    assert.deepEqual([kept?.protected, kept?.quarantine], [true, undefined]);
    assert.deepEqual(await two.here.setQuarantine({ ...order, quarantined: false }), { affectedCount: 3 });
  });

  test('media goes into the trash, is listed there page by page, comes back, and goes for good', async () => {
    const keys = [await upload(), await upload(), await upload()];
    const [first, second, third] = keys;
    for (const [index, key] of keys.entries()) {
      const request = { keys: [key], by: BY, reason: 'spam', trashMs: HOUR_MS * (index + 1) };
      assert.deepEqual(await two.here.deleteMedia(request), { deleted: [key] });
    }
    const page = await two.there.listTrash({ limit: 2 });
    assert.deepEqual(page.media.map(({ record, deletedBy, reason }) => [record?.key, deletedBy, reason]), [[first, BY, 'spam'], [second, BY, 'spam']]);
    const [entry] = page.media;
    assert.ok(Math.abs((entry?.purgeAtMs ?? 0) - (entry?.deletedAtMs ?? 0) - HOUR_MS) < 60_000);
    const rest = await two.there.listTrash({ limit: 2, after: page.next });
    assert.deepEqual([rest.media.map(({ record }) => record?.key), rest.next], [[third], undefined]);
    assert.deepEqual(await two.there.expireTrash({ limit: 10, dryRun: false }), { purgedCount: 0 });
    assert.deepEqual(await two.there.restoreMedia({ keys: [second ?? assert.fail()], by: BY }), { restored: [second] });
    assert.deepEqual((await find(second ?? assert.fail()))?.key, second);
    assert.deepEqual(await two.here.deleteMedia({ keys: [first ?? assert.fail()], by: BY }), { deleted: [first] });
    assert.deepEqual((await two.there.listTrash({ limit: 10 })).media.map(({ record }) => record?.key), [third]);
  });

  test('what waits no longer leaves the trash, and a dry run only counts it', async () => {
    const key = await upload();
    await two.here.deleteMedia({ keys: [key], by: BY, trashMs: 1 });
    while (Date.now() <= ((await two.there.listTrash({ limit: 1 })).media[0]?.purgeAtMs ?? 0)) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await two.there.expireTrash({ limit: 10, dryRun: true }), { purgedCount: 1 });
    assert.deepEqual(await two.there.expireTrash({ limit: 10, dryRun: false }), { purgedCount: 1 });
    assert.deepEqual(await two.there.restoreMedia({ keys: [key], by: BY }), { restored: [] });
  });

  test('changes of every kind are listed, with who and why', async () => {
    const { position } = await two.here.listChanges({ limit: 1, kinds: [], mediaOnly: false, descending: true });
    const content = ownContent();
    const key = await upload(content);
    const by = { keys: [key], by: BY, reason: 'spam' };
    await two.here.setQuarantine({ ...by, digests: [], quarantined: true });
    await two.here.setQuarantine({ ...by, digests: [], quarantined: false });
    for (const isProtected of [true, false]) await two.here.setProtection({ ...by, protected: isProtected });
    for (const lost of [true, false]) await two.here.markBlobs({ store: '', digests: [content.digest], lost, by: BY });
    await two.here.deleteMedia({ ...by, trashMs: HOUR_MS });
    await two.here.restoreMedia(by);
    await two.here.deleteMedia({ ...by, trashMs: HOUR_MS });
    await two.here.deleteMedia(by);
    const all = { limit: 1000, after: position, descending: false, kinds: [], mediaOnly: false };
    const { changes } = await two.there.listChanges({ ...all, key });
    const { QUARANTINED, RELEASED, PROTECTED, UNPROTECTED, DELETED, RESTORED, PURGED, LOST, FOUND } = ChangeKind;
    assert.deepEqual(changes.map(({ kind }) => kind), [QUARANTINED, RELEASED, PROTECTED, UNPROTECTED, DELETED, RESTORED, DELETED, PURGED]);
    assert.ok(changes.every((change) => change.by === BY && change.reason === 'spam' && change.subject?.$case === 'key'));
    const losses = await two.there.listChanges({ ...all, kinds: [LOST, FOUND] });
    assert.deepEqual(losses.changes.map(({ kind, subject }) => [kind, subject]), [LOST, FOUND].map((kind) => [kind, { $case: 'digest', value: content.digest }]));
    assert.equal(losses.position, position + changes.length + 4);
  });

  test('bans are listed page by page, media and bytes, also where there is no such media', async () => {
    const [key, { digest }] = [{ origin: ORIGIN, mediaId: 'unknown' }, ownContent()];
    await two.here.setQuarantine({ keys: [key], digests: [digest], quarantined: true, by: BY, reason: 'spam' });
    const subjects: unknown[] = [];
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const { bans, next } = await two.there.listBans({ limit: 1, after });
      for (const { subject, quarantine } of bans) if (quarantine?.reason === 'spam') subjects.push(subject);
      after = next;
    }
    assert.deepEqual(subjects, [{ $case: 'digest', value: digest }, { $case: 'key', value: key }]);
  });
});
