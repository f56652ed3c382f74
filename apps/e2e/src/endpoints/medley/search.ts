import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { assertError } from '../../harness/expect.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { recordRemote } from '../admin/admin-calls.ts';
import { MedleyApi, texts } from './medley-api.ts';

/** GET /_medley/v1/media and /_medley/v1/media/{serverName}/{mediaId} */
export function describeSearch({ site }: System): void {
  describe('search', () => {
    filters(site);
    pages(site);
    details(site);
    mistakes(site);
  });
}

function filters(site: Site): void {
  it('finds media by what it is', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const by = { user: user.account.userId };
    const [text, image] = [await user.upload('words', { type: 'text/plain', name: 'Notes.txt' }), await user.upload('0123456789', { type: 'image/png' })];
    const digest = createHash('sha256').update('words').digest('hex');
    for (const query of [{ type: 'text/' }, { name: 'notes' }, { digest }, { max_size: 5 }, { created_before: Date.now() + 60_000, max_size: 9 }]) {
      assert.deepEqual(await api.search({ ...by, ...query }), texts(text), JSON.stringify(query));
    }
    assert.deepEqual(await api.search({ ...by, min_size: 6 }), texts(image));
    for (const query of [{ created_after: Date.now() + 60_000 }, { kind: 'remote' }, { kind: 'preview' }, { origin: 'elsewhere.example' }, { unused_since: 1 }, { lost: true }]) {
      assert.deepEqual(await api.search({ ...by, ...query }), [], JSON.stringify(query));
    }
    assert.deepEqual(await api.search({ ...by, order_by: 'size', dir: 'f', kind: 'local', origin: site.serverName }), texts(text, image));
    assert.deepEqual(await api.search({ ...by, order_by: 'size', dir: 'b' }), texts(image, text));
  });

  it('finds media by how it stands', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const by = { user: user.account.userId };
    const [hidden, kept, pending] = [await user.upload('hidden by how it stands'), await user.upload('kept'), await user.create()];
    await api.on('medleyQuarantineMedia', hidden);
    await api.on('medleyProtectMedia', kept);
    assert.deepEqual(await api.search({ ...by, quarantined: true }), texts(hidden));
    assert.deepEqual(await api.search({ ...by, quarantined: false, state: 'available' }), texts(kept));
    assert.deepEqual(await api.search({ ...by, protected: true }), texts(kept));
    assert.deepEqual(await api.search({ ...by, state: 'pending' }), texts(pending));
    const listed = await api.call('medleyListQuarantined', { query: by });
    assert.deepEqual((listed['media'] as { content_uri: string }[]).map((one) => one.content_uri), texts(hidden));
  });

  it('finds copies of other servers’ media', async () => {
    const api = new MedleyApi(site);
    const source = await site.user().upload(`remote ${crypto.randomUUID()}`);
    const copy = await recordRemote(site, source, 'search.example');
    assert.deepEqual(await api.search({ kind: 'remote', origin: 'search.example' }), texts(copy));
    const record = await api.record(copy);
    assert.deepEqual([record['kind'], record['user_id']], ['remote', null]);
  });
}

function pages(site: Site): void {
  it('goes on where the page before has ended, and counts when it is asked', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const uris = [];
    for (let made = 0; made < 5; made += 1) uris.push(await user.upload(`page ${made}`));
    const found: unknown[] = [];
    let from: string | undefined;
    do {
      const query = { user: user.account.userId, dir: 'f', limit: 2, total: true, ...(from !== undefined && { from }) };
      const { media, next, total } = await api.call('medleySearchMedia', { query });
      assert.equal(total, 5);
      found.push(...(media as { content_uri: string }[]).map((one) => one.content_uri));
      from = next as string | undefined;
    } while (from !== undefined);
    assert.deepEqual(found, texts(...uris));
  });
}

function details(site: Site): void {
  it('tells all that is known of one media', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const body = `details ${crypto.randomUUID()}`;
    const uri = await user.upload(body, { type: 'text/plain', name: 'a.txt' });
    await site.user().upload(body);
    const { media, twin_count: twins, uses } = await api.on('medleyGetMedia', uri);
    assert.deepEqual([twins, uses], [1, []]);
    const { created_at: createdAt, ...record } = media as Record<string, unknown>;
    assert.ok(Math.abs(Number(createdAt) - Date.now()) < 60_000);
    assert.deepEqual(record, {
      content_uri: toMxcText(uri), origin: uri.origin, media_id: uri.mediaId, kind: 'local', state: 'available', user_id: user.account.userId,
      unused_expires_at: null, last_access_at: null, content_type: 'text/plain', upload_name: 'a.txt', size: body.length,
      sha256: createHash('sha256').update(body).digest('hex'), store: null, frozen: true, quarantine: null, protected: false, lost: false, preview: null,
    });
  });

  it('tells of media that waits for its bytes', async () => {
    const record = await new MedleyApi(site).record(await site.user().create());
    assert.deepEqual([record['state'], record['size'], typeof record['unused_expires_at']], ['pending', null, 'number']);
  });

  it('knows only media that is there', async () => {
    const api = new MedleyApi(site);
    for (const mediaId of ['neverReserved', 'neverSeen']) assertError(await api.try('medleyGetMedia', { params: { serverName: 'e2e.example', mediaId } }), 404, 'M_NOT_FOUND');
    assertError(await api.try('medleyGetMedia', { params: { serverName: 'e2e.example', mediaId: 'a.b' } }), 400, 'M_INVALID_PARAM');
  });
}

function mistakes(site: Site): void {
  for (const query of [
    { limit: 0 }, { limit: 1001 }, { limit: 'x' }, { from: 'elsewhere' }, { dir: 'up' }, { order_by: 'colour' }, { kind: 'foreign' }, { min_size: -1 },
    { digest: 'abc' }, { user: 'bob' }, { quarantined: 'maybe' }, { room: '!r:e2e.example', total: true }, { room: '!r:e2e.example', order_by: 'size' },
  ]) {
    it(`refuses ${JSON.stringify(query)}`, async () => {
      assertError(await new MedleyApi(site).try('medleySearchMedia', { query }), 400, 'M_INVALID_PARAM');
    });
  }
}
