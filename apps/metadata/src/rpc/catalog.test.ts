import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaOrder, UsageGroup, UserStatisticsOrder, type ListMediaRequest, type MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaKind, MediaState, type MediaKey } from '@medley/proto/metadata/media';
import { because, HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { reserve } from '../running-service.fixture.ts';
import { useTwo } from '../two-services.fixture.ts';

const BY = '@admin:example.org';
const REMOTE: MediaKey = { origin: 'remote.example', mediaId: 'media' };
const NO_FILTER: MediaFilter = { kinds: [], origins: [], userIds: [] };
const LIST: ListMediaRequest = { filter: NO_FILTER, descending: false, limit: 100, withTotal: false };

describe('finding media, over the wire', () => {
  const two = useTwo();

  const upload = async (userId: string, more = {}) => (await two.here.recordUpload({ origin: ORIGIN, userId, content: ownContent(), ...more })).record;
  const list = async (filter: Partial<MediaFilter>, more: Partial<ListMediaRequest> = {}) => two.there.listMedia({ ...LIST, filter: { ...NO_FILTER, ...filter }, ...more });

  test('a copy of another server’s media is nobody’s and says so; our own is refused', async () => {
    const content = ownContent();
    const { record } = await two.here.recordRemoteMedia({ key: REMOTE, content });
    assert.deepEqual([record?.remote, record?.userId, record?.content], [true, '', content]);
    assert.deepEqual((await two.there.recordRemoteMedia({ key: REMOTE, content: ownContent() })).record, record);
    assert.deepEqual((await two.there.resolveMedia({ key: REMOTE, waitMs: 0 })).record, record);
    await assert.rejects(two.here.recordRemoteMedia({ key: { origin: ORIGIN, mediaId: 'media' }, content }), because('INVALID_PARAM'));
  });

  test('media that is quarantined ahead says so where there is no record', async () => {
    const [banned, free] = [{ ...REMOTE, mediaId: 'banned' }, { ...REMOTE, mediaId: 'free' }];
    await two.here.setQuarantine({ keys: [banned], digests: [], quarantined: true, by: BY, reason: 'spam' });
    const { results } = await two.there.batchGetMedia({ keys: [free, banned, free] });
    assert.deepEqual(results.map(({ record, quarantine }) => [record, quarantine?.by, quarantine?.reason]), [
      [undefined, undefined, undefined], [undefined, BY, 'spam'], [undefined, undefined, undefined],
    ]);
  });

  test('the URL that was previewed is told with its image, and the last access with what was asked for', async () => {
    const userId = someone();
    const image = await upload(userId, { previewImage: { expiresAtMs: Date.now() + HOUR_MS, url: 'https://example.org/page' } });
    const atMs = Date.now() + HOUR_MS;
    await two.there.markAccessed({ accesses: [{ key: image?.key, atMs }, { key: { ...REMOTE, mediaId: 'unknown' }, atMs }] });
    const { records } = await list({ userIds: [userId] });
    assert.deepEqual(records.map(({ previewImage, lastAccessMs }) => [previewImage?.url, lastAccessMs]), [['https://example.org/page', atMs - (atMs % 60_000)]]);
  });

  test('a list goes on where its page ended, and counts when asked', async () => {
    const userId = someone();
    const keys = [(await upload(userId))?.key, await reserve(two.client, userId), (await upload(userId))?.key];
    const first = await list({ userIds: [userId] }, { limit: 2, withTotal: true });
    assert.equal(first.totalCount, 3);
    const second = await list({ userIds: [userId] }, { limit: 2, after: first.next });
    assert.deepEqual([second.next, second.totalCount], [undefined, undefined]);
    const ids = [...first.records, ...second.records].map(({ key }) => key?.mediaId);
    assert.deepEqual(ids.toSorted(), keys.map((key) => key?.mediaId).toSorted());
    const numbered = await list({ userIds: [userId] }, { offset: 1 });
    assert.deepEqual(numbered.records.map(({ key }) => key?.mediaId), ids.slice(1));
    const counted = await list({ userIds: [userId] }, { limit: 0, withTotal: true });
    assert.deepEqual([counted.records, counted.next, counted.totalCount], [[], undefined, 3]);
    const pending = await list({ userIds: [userId], state: MediaState.PENDING });
    assert.deepEqual(pending.records.map(({ key, content }) => [key?.mediaId, content]), [[keys[1]?.mediaId, undefined]]);
  });

  test('a place in one list is none in another', async () => {
    const userId = someone();
    for (let count = 0; count < 2; count += 1) await upload(userId);
    const { next = '' } = await list({ userIds: [userId] }, { limit: 1 });
    const foreign = [next.slice(1), '', 'abc', btoa('[]'), btoa(JSON.stringify(['created', false, 'x', ORIGIN, 'a'])), btoa(JSON.stringify(['created', false, 1, '', 'a']))];
    for (const after of foreign) await assert.rejects(list({}, { after }), because('INVALID_PARAM'), after);
    await assert.rejects(list({}, { after: next, descending: true }), because('INVALID_PARAM'));
    await assert.rejects(list({}, { after: next, order: MediaOrder.SIZE }), because('INVALID_PARAM'));
  });

  test('usage counts local and remote media unless told otherwise, and tells it apart by groups', async () => {
    const userId = someone();
    const before = await two.there.getUsage({});
    await upload(userId);
    await upload(userId, { previewImage: { expiresAtMs: Date.now() + HOUR_MS } });
    await two.here.recordRemoteMedia({ key: { ...REMOTE, mediaId: 'counted' }, content: ownContent() });
    const now = await two.there.getUsage({});
    assert.deepEqual([now.mediaCount - before.mediaCount, now.mediaBytes - before.mediaBytes, now.rows], [2, 2000, []]);
    const { mediaCount, rows } = await two.there.getUsage({ filter: { ...NO_FILTER, userIds: [userId] }, group: UsageGroup.KIND });
    assert.equal(mediaCount, 2);
    assert.deepEqual(rows, [{ name: 'local', mediaCount: 1, mediaBytes: 1000 }, { name: 'preview', mediaCount: 1, mediaBytes: 1000 }]);
    const previews = await two.there.getUsage({ filter: { ...NO_FILTER, userIds: [userId], kinds: [MediaKind.PREVIEW] }, limit: 1 });
    assert.deepEqual([previews.mediaCount, previews.rows], [1, []]);
  });

  test('users are counted', async () => {
    const origin = 'statistics.example';
    await two.here.recordUpload({ origin, userId: `@a:${origin}`, content: ownContent() });
    const request = { origin, fromMs: 0, descending: true, offset: 0, limit: 10, order: UserStatisticsOrder.MEDIA_BYTES };
    assert.deepEqual(await two.there.listUserStatistics(request), { users: [{ userId: `@a:${origin}`, mediaCount: 1, mediaBytes: 1000 }], totalCount: 1 });
    assert.deepEqual(await two.there.listUserStatistics({ ...request, search: 'b' }), { users: [], totalCount: 0 });
  });
});
