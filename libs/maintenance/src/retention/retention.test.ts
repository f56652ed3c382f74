import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaState } from '@medley/proto/metadata/media';
import { applyRetention } from './apply-retention.ts';
import { contentOf, DAY, FakeCatalog, namedBy } from './catalog.fixture.ts';
import { retain } from './retain.ts';

const OLD = { name: 'old', kind: 'local', older_than: '1h' };
const BANNED = { by: '@admin:a.example', atMs: 0 };
const ago = (ms: number): number => Date.now() - ms;

describe('rules of retention', () => {
  it('remove what all they say holds for, each media by the first that takes it', async () => {
    const catalog = new FakeCatalog();
    const content = contentOf({ sizeBytes: 50, contentType: 'video/mp4' });
    catalog.add('old');
    catalog.add('young', { createdAtMs: Date.now() });
    catalog.add('video', { content });
    catalog.add('used', { remote: true, lastAccessMs: Date.now() });
    catalog.add('unused', { remote: true, lastAccessMs: ago(3 * 3_600_000) });
    catalog.add('preview', { previewImage: { expiresAtMs: 1 } });
    const rules = [
      { name: 'videos', kind: 'local', older_than: '1h', content_type: 'video/', larger_than: '20' },
      OLD,
      { name: 'unused', kind: 'remote', unused_for: '2h' },
      { name: 'others', kind: 'local', older_than: '1h', user: '@someone:a.example' },
      { name: 'elsewhere', kind: 'remote', older_than: '1h', origin: 'b.example' },
    ];
    const { rules: told } = await applyRetention(catalog.context({ rules }));
    assert.deepEqual(namedBy(catalog), ['video: videos', 'old: old', 'unused: unused']);
    assert.deepEqual(told.map(({ name, mediaCount, mediaBytes }) => [name, mediaCount, mediaBytes]), [['videos', 1, 50], ['old', 1, 10], ['unused', 1, 10], ['others', 0, 0], ['elsewhere', 0, 0]]);
    assert.deepEqual(catalog.ids, ['preview', 'used', 'young']);
  });

  it('leave protected, quarantined and pending media alone, and avatars', async () => {
    const catalog = new FakeCatalog();
    catalog.add('protected', { protected: true });
    catalog.add('quarantined', { quarantine: BANNED });
    catalog.add('pending', { state: MediaState.PENDING, content: undefined });
    catalog.add('avatar');
    catalog.avatars.add('avatar');
    catalog.add('gone');
    const { rules } = await applyRetention(catalog.context({ rules: [OLD], max_local_bytes: 1 }));
    assert.deepEqual(catalog.ids, ['avatar', 'pending', 'protected', 'quarantined']);
    assert.equal(rules[0]?.mediaCount, 1);
  });

  it('put what was uploaded here into the trash, and nothing else', async () => {
    const catalog = new FakeCatalog();
    for (const [id, parts] of [['local', {}], ['remote', { remote: true }], ['preview', { previewImage: { expiresAtMs: 1 } }]] as const) catalog.add(id, parts);
    const rules = ['local', 'remote', 'preview'].map((kind) => ({ name: kind, kind, older_than: '1h' }));
    await applyRetention(catalog.context({ rules, trash: '5m' }));
    assert.deepEqual(catalog.deletions.map(({ by, reason, trashMs }) => [by, reason, trashMs]), [['retention', 'local', 300_000], ['retention', 'remote', undefined], ['retention', 'preview', undefined]]);
  });

  it('take any number of media, 500 at a time, and nothing the second time', async () => {
    const catalog = new FakeCatalog();
    for (let count = 0; count < 1200; count += 1) catalog.add(`m${count}`);
    const first = await applyRetention(catalog.context({ rules: [OLD] }));
    assert.deepEqual([first.rules[0]?.mediaCount, catalog.largestPage, catalog.deletions.map(({ keys }) => keys.length)], [1200, 500, [500, 500, 200]]);
    assert.equal((await applyRetention(catalog.context({ rules: [OLD] }))).rules[0]?.mediaCount, 0);
    assert.equal(catalog.deletions.length, 3);
  });

  it('tell only of media that was really there', async () => {
    const catalog = new FakeCatalog();
    catalog.add('one');
    catalog.add('other');
    catalog.deleteMedia = async ({ keys }) => ({ deleted: keys.slice(1) });
    const { rules } = await applyRetention(catalog.context({ rules: [OLD] }));
    assert.deepEqual([rules[0]?.mediaCount, rules[0]?.mediaBytes], [1, 10]);
  });

  it('end when they are told to; what is done is done, and the next run goes on', async () => {
    const catalog = new FakeCatalog();
    for (let count = 0; count < 700; count += 1) catalog.add(`m${count}`);
    const leaving = new AbortController();
    catalog.beforePage = async () => {
      if (catalog.deletions.length > 0) leaving.abort(new Error('stopped'));
      leaving.signal.throwIfAborted();
    };
    await assert.rejects(applyRetention(catalog.context({ rules: [OLD] }, { signal: leaving.signal })), /stopped/);
    assert.equal(catalog.media.size, 200);
    catalog.beforePage = async () => {};
    await applyRetention(catalog.context({ rules: [OLD] }));
    assert.equal(catalog.media.size, 0);
  });
});

describe('budgets of retention', () => {
  /** Media m00, m01 … of 10 bytes, the one nobody asked for longest first. */
  function fill(catalog: FakeCatalog, count: number, remote: boolean): void {
    for (let made = 0; made < count; made += 1) catalog.add(`m${String(made).padStart(2, '0')}`, { remote, lastAccessMs: ago((100 - made) * 60_000) });
  }

  it('remove the least recently used, until there is room for a twentieth', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, 30, true);
    const { budgets } = await applyRetention(catalog.context({ max_remote_bytes: '200' }));
    assert.deepEqual(budgets, [{ kind: 'remote', maxBytes: 200, mediaCount: 11, mediaBytes: 110, excessBytes: 0 }]);
    assert.deepEqual(catalog.ids.slice(0, 2), ['m11', 'm12']);
    assert.equal(namedBy(catalog)[0], 'm00: budget');
  });

  it('remove nothing as long as they are kept', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, 20, false);
    const { budgets } = await applyRetention(catalog.context({ max_local_bytes: '200' }));
    assert.deepEqual([budgets[0]?.mediaCount, catalog.media.size], [0, 20]);
  });

  it('take others in the place of what may not be removed, and say what they can’t do', async () => {
    const catalog = new FakeCatalog();
    fill(catalog, 4, true);
    catalog.avatars.add('m00');
    catalog.add('protected', { remote: true, protected: true, lastAccessMs: 1 }, 100);
    const enough = await applyRetention(catalog.context({ max_remote_bytes: '130' }));
    assert.deepEqual([catalog.ids, enough.budgets[0]?.excessBytes], [['m00', 'm03', 'protected'], 0]);
    const tooMuch = await applyRetention(catalog.context({ max_remote_bytes: '50' }));
    assert.deepEqual([catalog.ids, tooMuch.budgets[0]?.excessBytes], [['m00', 'protected'], 60]);
  });
});

describe('a dry run of retention', () => {
  const config = { rules: [{ ...OLD, larger_than: '15' }, { ...OLD, name: 'all of the old' }], max_local_bytes: '100' };

  function fill(catalog: FakeCatalog): void {
    for (let made = 0; made < 5; made += 1) catalog.add(`large${made}`, {}, 20);
    for (let made = 0; made < 7; made += 1) catalog.add(`small${made}`);
    for (let made = 0; made < 30; made += 1) catalog.add(`young${made}`, { createdAtMs: Date.now() });
    catalog.avatars.add('small3');
  }

  it('counts what the run then does, each media once, and removes nothing', async () => {
    const catalog = new FakeCatalog();
    fill(catalog);
    const dry = await applyRetention(catalog.context(config, { dryRun: true }));
    assert.deepEqual([catalog.deletions, catalog.media.size], [[], 42]);
    assert.deepEqual(await applyRetention(catalog.context(config)), dry);
    assert.deepEqual(dry.rules.map(({ mediaCount }) => mediaCount), [5, 6]);
    assert.equal(dry.budgets[0]?.mediaCount, 22);
  });

  it('tells only of media that it is asked about, and takes the rest into account', async () => {
    const catalog = new FakeCatalog();
    fill(catalog);
    const isTold = ({ key }: { readonly key?: { readonly mediaId: string } | undefined }): boolean => key?.mediaId.startsWith('small') === true;
    const { rules, budgets } = await applyRetention(catalog.context(config, { dryRun: true, isTold }));
    assert.deepEqual([...rules, ...budgets].map(({ mediaCount }) => mediaCount), [0, 6, 0]);
  });

  it('answers with what it has counted when its time is over, and says so', async () => {
    const catalog = new FakeCatalog();
    for (let count = 0; count < 700; count += 1) catalog.add(`m${count}`);
    const over = new AbortController();
    let pages = 0;
    catalog.beforePage = async () => {
      if ((pages += 1) === 2) over.abort(new Error('no time'));
      over.signal.throwIfAborted();
    };
    const { rules, isComplete } = await applyRetention(catalog.context({ rules: [OLD] }, { dryRun: true, until: over.signal }));
    assert.deepEqual([rules[0]?.mediaCount, isComplete], [500, false]);
  });
});

describe('retention among several processes', () => {
  it('is applied by one at a time; dry runs wait for nobody', async () => {
    const catalog = new FakeCatalog();
    catalog.add('old', { createdAtMs: ago(DAY) });
    await catalog.takeLease({ name: 'maintenance/retention', holder: 'another', ttlMs: 60_000 });
    assert.equal(await retain(catalog.context({ rules: [OLD] })), undefined);
    assert.equal((await retain(catalog.context({ rules: [OLD] }, { dryRun: true })))?.rules[0]?.mediaCount, 1);
    assert.equal(catalog.media.size, 1);
    await catalog.releaseLease({ name: 'maintenance/retention', holder: 'another' });
    assert.equal((await retain(catalog.context({ rules: [OLD] })))?.rules[0]?.mediaCount, 1);
    assert.deepEqual([catalog.media.size, catalog.held.size], [0, 0]);
  });
});
