import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBuckets } from '@medley/domain/token-buckets';
import { eventually } from '@medley/testing/eventually';
import { LocalPermits } from './limits.fixture.ts';
import { SharedBuckets } from './shared-buckets.ts';

const BUCKET = { name: 'b', perSecond: 100, burst: 1000 };
const NEVER = new AbortController().signal;

function setUp() {
  const clock = { ms: 0 };
  const permits = new LocalPermits(clock);
  const gateways = Array.from({ length: 3 }, () => new SharedBuckets(permits, () => clock.ms));
  const [one = new SharedBuckets(permits), two = one, three = one] = gateways;
  return { clock, permits, one, two, three, [Symbol.dispose]: () => gateways.forEach((gateway) => gateway[Symbol.dispose]()) };
}

/** How many of so many requests at once are let in. */
async function admitted(buckets: SharedBuckets, count: number, bucket = BUCKET): Promise<number> {
  const waits = await Promise.all(Array.from({ length: count }, () => buckets.spend(bucket, NEVER)));
  return waits.filter((waitMs) => waitMs === 0).length;
}

describe('a bucket that gateways share', () => {
  it('lets the first in before it is asked, and is asked afterwards', async () => {
    using scene = setUp();
    assert.equal(scene.one.trySpend(BUCKET), true);
    assert.equal(scene.permits.calls, 0);
    await eventually(() => assert.equal(scene.permits.calls, 1));
  });

  it('lets just so many in of a crowd at one gateway', async () => {
    using scene = setUp();
    assert.equal(await admitted(scene.one, 1500), 1000);
  });

  it('lets hardly more in of a crowd that goes from one gateway to the next', async () => {
    using scene = setUp();
    const counts = [await admitted(scene.one, 1500), await admitted(scene.two, 1500), await admitted(scene.three, 1500)];
    const all = counts.reduce((sum, count) => sum + count);
    assert.ok(all >= 1000 && all <= 1020, `${counts.join(' + ')} of 1000`);
    scene.clock.ms = 1000;
    const later = await admitted(scene.one, 1500);
    assert.ok(later + all <= 1100, `what was too much is paid back: ${later}`);
  });

  it('tells exactly when there will be a permit, and lets somebody in then', async () => {
    using scene = setUp();
    assert.equal(await admitted(scene.one, 1000), 1000);
    const waitMs = await scene.one.spend(BUCKET, NEVER);
    assert.equal(Math.round(waitMs), 10);
    scene.clock.ms = 8;
    assert.equal(Math.round(await scene.one.spend(BUCKET, NEVER)), 2);
    scene.clock.ms = 10;
    assert.equal(await scene.one.spend(BUCKET, NEVER), 0);
  });

  it('is not asked again while it is known to be empty', async () => {
    using scene = setUp();
    await admitted(scene.one, 1500);
    const before = scene.permits.calls;
    assert.equal(await admitted(scene.one, 1000), 0);
    assert.equal(scene.permits.calls, before);
  });

  it('of few permits is exact from the first', async () => {
    using scene = setUp();
    const few = { name: 'few', perSecond: 1, burst: 3 };
    const counts = await Promise.all([scene.one, scene.two, scene.three].map((buckets) => admitted(buckets, 3, few)));
    assert.equal(counts.reduce((sum, count) => sum + count), 3);
  });

  it('gets back what a gateway has not used', async () => {
    using scene = setUp();
    assert.equal(scene.one.trySpend(BUCKET), true);
    await eventually(() => assert.equal(scene.permits.calls, 1));
    scene.clock.ms = 2000;
    scene.one.tidy();
    await eventually(() => assert.equal(scene.permits.calls, 2));
    assert.equal(await admitted(scene.two, 1500), 1000);
  });

  it('gets back what was spent for nothing', async () => {
    using scene = setUp();
    assert.equal(await admitted(scene.one, 1000), 1000);
    scene.one.unspend(BUCKET);
    assert.deepEqual([scene.one.trySpend(BUCKET), scene.one.trySpend(BUCKET)], [true, false]);
  });

  it('owes what was forced from it', async () => {
    using scene = setUp();
    const tokens = { name: 'tokens', perSecond: 1, burst: 100 };
    for (let count = 0; count < 150; count += 1) scene.one.force(tokens);
    await eventually(() => assert.ok(scene.one.knownWaitMs(tokens) >= 50_000));
    assert.ok((await scene.two.spend(tokens, NEVER)) === 0, 'another gateway has one ahead');
    assert.ok((await scene.two.spend(tokens, NEVER)) >= 50_000, 'and then knows');
  });

  it('lets nobody wait who leaves', async () => {
    const stuck = new SharedBuckets({ take: () => new Promise(() => {}) });
    const few = { name: 'few', perSecond: 1, burst: 3 };
    await assert.rejects(stuck.spend(few, AbortSignal.abort(new Error('left'))), /left/);
    stuck[Symbol.dispose]();
  });

  it('is one for all who ask while an answer is under way', async () => {
    const buckets = new TokenBuckets(() => 0);
    const gates: (() => void)[] = [];
    using gateway = new SharedBuckets({
      take: async (claims) => {
        await new Promise<void>((resolve) => gates.push(resolve));
        return claims.map((claim) => buckets.take(claim));
      },
    }, () => 0);
    const few = { name: 'few', perSecond: 1, burst: 3 };
    const [first, others] = [admitted(gateway, 2, few), eventually(() => assert.equal(gates.length, 1)).then(() => admitted(gateway, 2, few))];
    await eventually(() => assert.equal(gates.length, 1));
    gates[0]?.();
    assert.equal(await first, 2);
    await eventually(() => assert.equal(gates.length, 2));
    gates[1]?.();
    assert.equal(await others, 1);
  });
});
