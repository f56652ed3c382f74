import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MediaRecord } from '@medley/proto/metadata/media';
import { applyRetention } from './apply-retention.ts';
import { contentOf, DAY, FakeCatalog, namedBy, tenants } from './catalog.fixture.ts';

const [A, B, FORMER] = ['a.example', 'b.example', 'former.example'];
const ago = (ms: number): number => Date.now() - ms;

/** Uploads of one tenant of 10 bytes each, the one nobody asked for longest first. */
function fill(catalog: FakeCatalog, origin: string, count: number, { longestAgo = DAY, apartMs = 60_000 } = {}): void {
  const now = Date.now();
  for (let made = 0; made < count; made += 1) {
    const mediaId = `${origin[0]}${String(made).padStart(2, '0')}`;
    catalog.add(mediaId, { key: { origin, mediaId }, createdAtMs: ago(DAY * 30), lastAccessMs: now - longestAgo + made * apartMs });
  }
}

describe('the rules of one tenant', () => {
  const OLD = { name: 'old', kind: 'local', older_than: '1h' } as const;

  it('take only its media, and are told apart from those of others and for all', async () => {
    const catalog = new FakeCatalog();
    const video = contentOf({ contentType: 'video/mp4' });
    for (const origin of [A, B]) {
      catalog.add(`old-${origin}`, { key: { origin, mediaId: `old-${origin}` } });
      catalog.add(`video-${origin}`, { key: { origin, mediaId: `video-${origin}` }, content: video });
      catalog.add(`preview-${origin}`, { key: { origin, mediaId: `preview-${origin}` }, previewImage: { expiresAtMs: 1 } });
    }
    catalog.add('copy', { key: { origin: 'c.example', mediaId: 'copy' }, remote: true });
    const own = tenants({ [A]: { rules: [{ ...OLD, unused_for: '365d' }] }, [B]: { rules: [OLD, { ...OLD, name: 'images', kind: 'preview' }] } });
    const { rules } = await applyRetention(catalog.context({ rules: [{ ...OLD, content_type: 'video/' }] }, own));
    assert.deepEqual(namedBy(catalog), ['video-a.example: old', 'video-b.example: old', 'old-b.example: b.example: old', 'preview-b.example: b.example: images']);
    assert.deepEqual(rules.map(({ name, tenant, mediaCount }) => [name, tenant, mediaCount]), [['old', undefined, 2], ['a.example: old', A, 0], ['b.example: old', B, 1], ['b.example: images', B, 1]]);
    assert.deepEqual(catalog.ids, ['copy', 'old-a.example', 'preview-a.example']);
  });

  it('lapse where its user does not fit', async () => {
    const catalog = new FakeCatalog();
    catalog.add('one', { key: { origin: B, mediaId: 'one' }, userId: '@one:b.example' });
    catalog.add('other', { key: { origin: B, mediaId: 'other' }, userId: '@other:b.example' });
    await applyRetention(catalog.context({}, tenants({ [B]: { rules: [{ ...OLD, user: '@one:b.example' }] } })));
    assert.deepEqual(catalog.ids, ['other']);
  });
});

describe('the trash of one tenant', () => {
  it('keeps what rules and budgets remove of its uploads for as long as it says, and of all others as is said for all', async () => {
    const catalog = new FakeCatalog();
    for (const origin of [A, B, FORMER, 'c.example']) catalog.add(origin, { key: { origin, mediaId: origin }, remote: origin === 'c.example' });
    const rules = ['local', 'remote'].map((kind) => ({ name: kind, kind, older_than: '1h' }));
    const { rules: [told] } = await applyRetention(catalog.context({ rules, trash: '5m' }, tenants({ [A]: { trash: 0 }, [B]: { trash: '30d' } })));
    const kept = catalog.deletions.flatMap(({ keys, trashMs }) => keys.map(({ origin }) => [origin, trashMs]));
    assert.deepEqual(kept.toSorted(), [[A, 0], [B, 30 * DAY], ['c.example', undefined], [FORMER, 300_000]]);
    assert.deepEqual([told?.mediaCount, catalog.ids], [3, []]);
  });
});

describe('the budget of one tenant', () => {
  it('removes the least recently used of its uploads, and nobody else’s', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, A, 10, { longestAgo: 10 * DAY });
    fill(catalog, B, 30);
    const { budgets } = await applyRetention(catalog.context({}, tenants({ [A]: {}, [B]: { max_local_bytes: '200' } })));
    assert.deepEqual(budgets, [{ kind: 'local', tenant: B, maxBytes: 200, mediaCount: 11, mediaBytes: 110, excessBytes: 0 }]);
    assert.deepEqual([catalog.ids[0], catalog.ids[10], catalog.ids.length], ['a00', 'b11', 29]);
    assert.equal(namedBy(catalog)[0], 'b00: b.example: budget');
  });

  it('is kept before that of all, which then finds the less', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, A, 20, { longestAgo: 10 * DAY });
    fill(catalog, B, 30);
    const { budgets } = await applyRetention(catalog.context({ max_local_bytes: '400' }, tenants({ [B]: { max_local_bytes: '200' } })));
    assert.deepEqual(budgets.map(({ tenant, mediaCount }) => [tenant, mediaCount]), [[B, 11], [undefined, 0]]);
  });

  it('counts in a dry run what the run then does, with the rules and the budget of all, each media once', async () => {
    const own = tenants({ [A]: { rules: [{ name: 'unused', kind: 'local', unused_for: '863730s' }] }, [B]: { max_local_bytes: '200' } });
    const rules = [{ name: 'large', kind: 'local', older_than: '1h', larger_than: '15' }];
    const catalog = new FakeCatalog();
    fill(catalog, A, 12, { longestAgo: 10 * DAY });
    fill(catalog, B, 30, { longestAgo: 10 * DAY });
    catalog.avatars.add('b03');
    for (const origin of [A, B]) catalog.add(`large-${origin}`, { key: { origin, mediaId: `large-${origin}` } }, 30);
    // the budget of all takes from both, and comes by what that of one has taken
    const config = { rules, max_local_bytes: '150' };
    const isTold = ({ key }: MediaRecord): boolean => key?.origin === B;
    const [all, ofOne] = [await applyRetention(catalog.context(config, { ...own, dryRun: true })), await applyRetention(catalog.context(config, { ...own, isTold, dryRun: true }))];
    assert.deepEqual([catalog.deletions, catalog.media.size], [[], 44]);
    assert.deepEqual(await applyRetention(catalog.context(config, own)), all);
    assert.deepEqual([all, ofOne].map(({ rules: told, budgets }) => [...told, ...budgets].map(({ mediaCount }) => mediaCount)), [[2, 5, 11, 12], [1, 0, 11, 5]]);
  });

  it('counts each media once also where many were last asked for in the same minute', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, B, 30, { apartMs: 0 });
    const [own, config] = [tenants({ [B]: { max_local_bytes: '200' } }), { max_local_bytes: '100' }];
    const dry = await applyRetention(catalog.context(config, { ...own, dryRun: true }));
    assert.deepEqual(await applyRetention(catalog.context(config, own)), dry);
    assert.deepEqual(dry.budgets.map(({ mediaCount }) => mediaCount), [11, 10]);
  });

  it('says what it can’t do', async () => {
    const catalog = new FakeCatalog();
    catalog.add('kept', { key: { origin: B, mediaId: 'kept' }, protected: true }, 300);
    const { budgets } = await applyRetention(catalog.context({}, tenants({ [B]: { max_local_bytes: '200' } })));
    assert.deepEqual([budgets[0]?.mediaCount, budgets[0]?.excessBytes], [0, 100]);
  });
});
