import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { reserve } from '../running-service.fixture.ts';
import { useTwo } from '../two-services.fixture.ts';

const BY = '@admin:example.org';
const CLAIM = { waitMs: 0, claimMs: 60_000, limit: 1000, dryRun: false };

describe('a store of a tenant, over the wire', () => {
  const two = useTwo();

  test('a record says in which store its bytes are, wherever it is answered', async () => {
    const content = { ...ownContent(), store: ORIGIN };
    const userId = someone();
    const { record } = await two.here.recordUpload({ origin: ORIGIN, userId, content });
    const key = await reserve(two.client, userId);
    await two.here.commitUpload({ key, userId, content });
    assert.ok(record?.key !== undefined);
    const keys = [record.key, key];
    const resolved = await Promise.all(keys.map((one) => two.there.resolveMedia({ key: one, waitMs: 0 })));
    const batch = await two.there.batchGetMedia({ keys });
    const filter = { kinds: [], origins: [], userIds: [], digest: content.digest };
    const listed = await two.there.listMedia({ filter, descending: false, limit: 9, withTotal: false });
    await two.here.deleteMedia({ keys, by: BY, trashMs: HOUR_MS });
    const trashed = await two.there.listTrash({ limit: 9 });
    const all = [...resolved, ...batch.results, ...trashed.media].map((answer) => answer.record).concat(listed.records, record);
    assert.deepEqual(all.map((one) => one?.content?.store), Array.from({ length: 9 }, () => ORIGIN));
  });

  test('references, removals and losses are those of the store that is named, and changes name it', async () => {
    const content = { ...ownContent(), store: ORIGIN };
    const [blobs, digests] = [[{ digest: content.digest, storedAtMs: 5 }], [content.digest]];
    const { record } = await two.here.recordUpload({ origin: ORIGIN, userId: someone(), content });
    const referencesIn = async (store: string) => (await Array.fromAsync(two.there.listReferences({ store }))).flatMap(({ references }) => references.map(({ digest }) => digest));
    assert.ok((await referencesIn(ORIGIN)).includes(content.digest));
    assert.ok(!(await referencesIn('')).includes(content.digest));
    assert.deepEqual(await two.here.condemnBlobs({ store: ORIGIN, blobs, dryRun: false }), { condemned: [] });
    assert.deepEqual(await two.here.condemnBlobs({ store: '', blobs, dryRun: false }), { condemned: digests });
    assert.deepEqual((await two.there.claimRemovals({ ...CLAIM, store: ORIGIN })).removals, []);
    assert.deepEqual((await two.there.claimRemovals({ ...CLAIM, store: '' })).removals, blobs);
    await two.here.finishRemovals({ store: '', digests });
    for (const store of ['', ORIGIN]) await two.here.markBlobs({ store, digests, lost: true, by: BY });
    await two.here.markBlobs({ store: ORIGIN, digests, lost: false, by: BY });
    assert.equal((await two.there.resolveMedia({ key: record?.key, waitMs: 0 })).record?.lost, false);
    const { changes } = await two.there.listChanges({ limit: 3, kinds: [], mediaOnly: false, descending: true });
    const { LOST, FOUND } = ChangeKind;
    assert.deepEqual(changes.map(({ kind, store }) => [kind, store]), [[FOUND, ORIGIN], [LOST, ORIGIN], [LOST, '']]);
    assert.ok(changes.every(({ subject }) => subject?.$case === 'digest' && subject.value === content.digest));
  });
});
