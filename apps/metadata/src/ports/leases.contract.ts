import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { HOUR_MS, soon } from './samples.contract.ts';

const CONTENDERS = 6;
const TURNS = 10;

/** What every store promises of leases. */
export function testLeases(replicas: Replicas, open: OpenStore): void {
  test('one holder has a lease, for every process, keeps it by taking it again, and gives back nothing but its own', async () => {
    const [name, ttlMs] = [randomUUID(), HOUR_MS];
    const take = (holder: string) => replicas.next().leases.take({ name, holder, ttlMs }, soon());
    const first = await take('first');
    assert.equal(first.isGranted, true);
    assert.ok(Math.abs(first.until - HOUR_MS - Date.now()) < 60_000);
    assert.deepEqual(await take('second'), { isGranted: false, until: first.until });
    await replicas.next().leases.release(name, 'second', soon());
    assert.deepEqual(await take('second'), { isGranted: false, until: first.until });
    const renewed = await take('first');
    assert.ok(renewed.isGranted && renewed.until >= first.until);
    await replicas.next().leases.release(name, 'first', soon());
    assert.equal((await take('second')).isGranted, true);
    assert.equal((await take('first')).isGranted, false);
    await replicas.next().leases.release(randomUUID(), 'first', soon());
  });

  test('a lease that was not renewed ends, and its holder learns that another has it', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const name = randomUUID();
    const take = (holder: string) => store.leases.take({ name, holder, ttlMs: 1000 }, soon());
    await take('first');
    now += 999;
    assert.equal((await take('second')).isGranted, false);
    now += 1;
    assert.equal((await take('second')).isGranted, true);
    assert.deepEqual(await take('first'), { isGranted: false, until: now + 1000 });
    now += 5000;
    assert.equal((await take('second')).isGranted, true);
  });

  test('of many who want a lease at once one has it, turn after turn', async () => {
    const name = randomUUID();
    for (let turn = 0; turn < TURNS; turn += 1) {
      const holders = Array.from({ length: CONTENDERS }, (_, index) => `${turn}-${index}`);
      const answers = await Promise.all(holders.map((holder) => replicas.next().leases.take({ name, holder, ttlMs: HOUR_MS }, soon())));
      const granted = holders.filter((_, index) => answers[index]?.isGranted);
      assert.equal(granted.length, 1, granted.join());
      await replicas.next().leases.release(name, granted[0] ?? '', soon());
    }
  });

  test('of a holder that is late and those who wait for the end of its lease one has it', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const name = randomUUID();
    let holder = 'first';
    await store.leases.take({ name, holder, ttlMs: 1000 }, soon());
    for (let turn = 0; turn < TURNS; turn += 1) {
      now += 1000;
      const holders = [holder, `${turn}-a`, `${turn}-b`];
      const answers = await Promise.all(holders.map((who) => store.leases.take({ name, holder: who, ttlMs: 1000 }, soon())));
      const granted = holders.filter((_, index) => answers[index]?.isGranted);
      assert.equal(granted.length, 1, granted.join());
      holder = granted[0] ?? '';
    }
  });
}
