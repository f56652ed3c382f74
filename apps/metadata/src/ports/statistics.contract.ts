import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { parseServerName, type ServerName } from '@medley/domain/server-name';
import type { StatisticsQuery } from './catalog.ts';
import type { UsageGroup } from './inventory.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { HOUR_MS, ownContent, reservationOf, soon } from './samples.contract.ts';

const BY = '@admin:example.org';

/** What every store promises of counting media by users and by other groups. */
export function testStatistics(replicas: Replicas, open: OpenStore): void {
  test('users are counted with what they uploaded, and nobody else', async () => {
    const origin = await fill(open);
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => `@${name}:${origin}`);
    const ask = async (changes: Partial<StatisticsQuery>) => {
      const { users, totalCount } = await replicas.next().catalog.statistics({ ...everybody(origin), ...changes }, soon());
      return [users.map(({ userId }) => userId), totalCount];
    };
    const { users } = await replicas.next().catalog.statistics(everybody(origin), soon());
    assert.deepEqual(users, [
      { userId: alice, mediaCount: 1, mediaBytes: 9000 },
      { userId: bob, mediaCount: 3, mediaBytes: 3000 },
      { userId: carol, mediaCount: 2, mediaBytes: 2000 },
    ]);
    assert.deepEqual(await ask({ isDescending: true }), [[carol, bob, alice], 3]);
    assert.deepEqual(await ask({ order: 'media-count' }), [[alice, carol, bob], 3]);
    assert.deepEqual(await ask({ order: 'media-bytes', isDescending: true }), [[alice, bob, carol], 3]);
    assert.deepEqual(await ask({ order: 'media-bytes', isDescending: true, offset: 1, limit: 1 }), [[bob], 3]);
    assert.deepEqual(await ask({ offset: 3 }), [[], 3]);
    assert.deepEqual(await ask({ search: 'AR' }), [[carol], 1]);
    for (const search of ['example', `b:${origin}`]) assert.deepEqual(await ask({ search }), [[], 0]);
    assert.deepEqual(await ask({ from: STARTED_AT + HOUR_MS }), [[bob, carol], 2]);
    assert.deepEqual(await ask({ until: STARTED_AT + HOUR_MS - 1 }), [[alice], 1]);
    assert.deepEqual(await ask({ origin: parseServerName('nobody.example') }), [[], 0]);
  });

  test('usage is told by each group, the largest first', async () => {
    const origin = await fill(open);
    const rowsBy = async (group: UsageGroup, limit = 100) => {
      const { rows } = await replicas.next().inventory.usage({ filter: { origins: [origin] }, group, limit }, soon());
      return rows.map(({ name, mediaCount, mediaBytes }) => [name, mediaCount, mediaBytes]);
    };
    assert.deepEqual(await rowsBy('user'), [[`@alice:${origin}`, 1, 9000], [`@bob:${origin}`, 4, 4000], [`@carol:${origin}`, 2, 2000], ['', 1, 1000]]);
    assert.deepEqual(await rowsBy('user', 1), [[`@alice:${origin}`, 1, 9000]]);
    assert.deepEqual(await rowsBy('kind'), [['local', 6, 14_000], ['preview', 1, 1000], ['remote', 1, 1000]]);
    assert.deepEqual(await rowsBy('content-type'), [['video/mp4', 1, 9000], ['image/png', 7, 7000]]);
    assert.deepEqual(await rowsBy('origin'), [[origin, 8, 16_000]]);
  });

  test('usage counts what the filter lets through, without what is deleted', async () => {
    const origin = await fill(open);
    const count = async (kinds: readonly ('local' | 'remote' | 'preview')[]) => {
      const { mediaCount, mediaBytes } = await replicas.next().inventory.usage({ filter: { origins: [origin], kinds }, limit: 1 }, soon());
      return [mediaCount, mediaBytes];
    };
    assert.deepEqual(await count(['local', 'remote']), [7, 15_000]);
    const { records } = await replicas.next().catalog.list({ filter: { origins: [origin], kinds: ['local'], minSizeBytes: 9000 }, ordering: { order: 'created', isDescending: false }, limit: 1 }, soon());
    await replicas.next().acts.delete({ uris: records.map(({ uri }) => uri), by: BY, trashMs: HOUR_MS }, soon());
    assert.deepEqual(await count(['local', 'remote']), [6, 6000]);
    assert.deepEqual(await count(['preview']), [1, 1000]);
  });
}

const STARTED_AT = Date.now() - 10 * HOUR_MS;

/** Alice has one large media, bob three and an image of a preview, carol two of an hour later and one to come. */
async function fill(open: OpenStore): Promise<ServerName> {
  const origin = parseServerName(`${randomUUID()}.example`);
  let now = STARTED_AT;
  await using store = await open({ now: () => now });
  const upload = (name: string, more = {}) => (
    store.record({ origin, userId: `@${name}:${origin}`, content: { ...ownContent(), ...more }, ...more }, soon())
  );
  await upload('alice', { sizeBytes: 9000, contentType: 'video/mp4' });
  now += HOUR_MS;
  for (const name of ['bob', 'bob', 'bob', 'carol', 'carol']) await upload(name);
  await upload('bob', { expiresAt: now + 100 * HOUR_MS });
  await store.reserve({ ...reservationOf(`@carol:${origin}`), origin }, soon());
  await store.recordRemote(parseMxcParts(origin, 'remote'), ownContent(), soon());
  return origin;
}

function everybody(origin: ServerName): StatisticsQuery {
  return { origin, from: 0, order: 'user-id', isDescending: false, offset: 0, limit: 100 };
}
