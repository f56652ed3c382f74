import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { createLogger } from '@medley/telemetry/logger';
import { digestOf } from './lists.fixture.ts';
import { scrub, type ScrubPosition } from './scrub.ts';
import { B_STORE, FakeStores } from './stores.fixture.ts';
import { measureUsage } from './usage.ts';

const [ONE, OTHER] = [digestOf('1'), digestOf('2')];

/** The same media in both stores. */
function fill(): FakeStores {
  const stores = new FakeStores();
  for (const store of [COMMON_STORE, B_STORE]) {
    for (const digest of [ONE, OTHER]) {
      stores.put(store, digest);
      stores.name(store, digest);
    }
  }
  return stores;
}

/** Removes bytes that a record names. */
function lose(stores: FakeStores, store: typeof COMMON_STORE, digest: string): void {
  stores.at(store).blobs.delete(`${digest}/`);
}

describe('a scrub of several stores', () => {
  it('compares each with its own records, and names the store of what it finds, but for the common one', async () => {
    const stores = fill();
    lose(stores, B_STORE, ONE);
    stores.at(COMMON_STORE).corrupt.add(OTHER);
    stores.put(B_STORE, digestOf('3'), 'crop-32x32');
    const { checked, verifiedBytes, unrepairedDamage, findings } = await scrub(stores.context());
    assert.deepEqual([checked, verifiedBytes, unrepairedDamage], [4, 30, 2]);
    assert.deepEqual(findings, [
      { kind: 'corrupt', digest: OTHER, mediaCount: 1, repaired: false },
      { kind: 'dangling', digest: ONE, mediaCount: 1, store: B_STORE, repaired: false },
      { kind: 'derived-without-source', digest: digestOf('3'), derivation: 'crop-32x32', mediaCount: 0, store: B_STORE, repaired: false },
    ]);
  });

  it('repairs a store without touching what is said of the same bytes elsewhere', async () => {
    const stores = fill();
    lose(stores, B_STORE, ONE);
    for (const store of [COMMON_STORE, B_STORE]) stores.put(store, digestOf('3'), 'crop-32x32');
    stores.put(COMMON_STORE, digestOf('3'));
    assert.equal((await scrub(stores.context(), { repair: true })).repaired, 2);
    const lost = [COMMON_STORE, B_STORE].map((store) => stores.at(store).references.get(ONE)?.lost);
    assert.deepEqual([lost, stores.at(COMMON_STORE).blobs.size, stores.at(B_STORE).blobs.size], [[false, true], 4, 1]);
  });

  it('goes on from a place, which is one in a store', async () => {
    const stores = fill();
    const positions: ScrubPosition[] = [];
    const whole = await scrub(stores.context(), { onPosition: (position) => void positions.push(position) });
    assert.deepEqual(positions.map(({ store, after }) => [store, after]), [[COMMON_STORE, ONE], [COMMON_STORE, OTHER], [B_STORE, ONE], [B_STORE, OTHER]]);
    for (const from of positions) assert.deepEqual(await scrub(stores.context(), { from }), whole);
  });

  it('scrubs the others where one goes away, and a later one goes on in that', async () => {
    const stores = fill();
    const whole = await scrub(stores.context());
    const [positions, read]: [ScrubPosition[], string[]] = [[], []];
    const onPosition = (position: ScrubPosition): void => {
      positions.push(position);
      stores.setAway(COMMON_STORE, true);
    };
    const context = stores.context({ onProgress: ({ store }) => void read.push(store ?? '') });
    await assert.rejects(scrub(context, { concurrency: 1, onPosition }), { message: 'the common store: storage is not available' });
    assert.deepEqual([positions.map(({ store, after }) => [store, after]), read], [[[COMMON_STORE, ONE]], ['', B_STORE, B_STORE]]);
    stores.setAway(COMMON_STORE, false);
    assert.deepEqual(await scrub(stores.context(), { from: positions[0] }), whole);
  });

  it('tells the log what is wrong elsewhere where one is away, since there is no report', async () => {
    const stores = fill();
    lose(stores, B_STORE, ONE);
    stores.setAway(COMMON_STORE, true);
    const lines: string[] = [];
    const log = createLogger('test', 'warn', { write: (line) => void lines.push(line) });
    await assert.rejects(scrub(stores.context({ log })), /the common store/);
    const told = lines.map((line) => JSON.parse(line) as { kind: string; store: string; digest: string });
    assert.deepEqual(told.map(({ kind, store, digest }) => [kind, store, digest]), [['dangling', B_STORE, ONE]]);
  });
});

describe('the count of several stores', () => {
  it('is that of all together, and says what lies in which', async () => {
    const stores = fill();
    stores.name(B_STORE, ONE, 3);
    stores.put(B_STORE, ONE, 'crop-32x32');
    const report = await measureUsage(stores.context());
    assert.deepEqual([report.originals, report.originalBytes, report.derived, report.derivedBytes, report.savedBytes], [4, 40, 1, 10, 20]);
    assert.deepEqual(report.stores, [
      { name: COMMON_STORE, originals: 2, originalBytes: 20, derived: 0, derivedBytes: 0 },
      { name: B_STORE, originals: 2, originalBytes: 20, derived: 1, derivedBytes: 10 },
    ]);
    assert.deepEqual((await measureUsage(stores.context({ stores: [COMMON_STORE] }))).stores, []);
  });
});
