import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { withLease } from './lease.ts';
import { FakeLeases } from './leases.fixture.ts';

const TERMS = { name: 'job/one', holder: 'me', ttlMs: 400 };
const NEVER = new AbortController().signal;

describe('work under a lease', () => {
  it('is done once at a time, and the lease is given back', async () => {
    const leases = new FakeLeases();
    let others = 0;
    const isMine = await withLease(leases, TERMS, async () => {
      assert.equal(await withLease(leases, { ...TERMS, holder: 'other' }, async () => void (others += 1), NEVER), false);
    }, NEVER);
    assert.deepEqual([isMine, others, leases.held.size], [true, 0, 0]);
  });

  it('keeps the lease for as long as it takes', async () => {
    const leases = new FakeLeases();
    await withLease(leases, TERMS, async (signal) => {
      await sleep(3 * TERMS.ttlMs);
      assert.equal(signal.aborted, false);
      assert.equal((await leases.takeLease({ ...TERMS, holder: 'other' })).granted, false);
    }, NEVER);
  });

  it('is told when another has the lease', async () => {
    const leases = new FakeLeases();
    await withLease(leases, TERMS, async (signal) => {
      leases.held.set(TERMS.name, { holder: 'other', until: Infinity });
      if (!signal.aborted) await once(signal, 'abort');
    }, NEVER);
    assert.equal(leases.held.get(TERMS.name)?.holder, 'other');
  });

  it('is told when the lease could not be kept', async () => {
    const leases = new FakeLeases();
    await withLease(leases, TERMS, async (signal) => {
      leases.takeLease = () => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'away'));
      const startedAt = performance.now();
      if (!signal.aborted) await once(signal, 'abort');
      assert.ok(performance.now() - startedAt >= TERMS.ttlMs / 2);
    }, NEVER);
  });
});
