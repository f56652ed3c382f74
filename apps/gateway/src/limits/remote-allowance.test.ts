import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReason } from '@medley/domain/media-error';
import { RemoteAllowances } from './remote-allowance.ts';

const MIB = 2 ** 20;

function setUp(userBurst: number, serverBurst: number) {
  const clock = { ms: 0 };
  const rate = (burst: number) => ({ burst, bytes_per_second: MIB });
  return { clock, allowances: new RemoteAllowances({ per_user: rate(userBurst), per_server: rate(serverBurst) }, () => clock.ms) };
}

function refusalOf(open: () => unknown): number | undefined {
  try {
    open();
  } catch (error) {
    if (isReason(error, 'RATE_LIMITED')) return error.retryAfterMs;
    throw error;
  }
  return undefined;
}

describe('what may be fetched', () => {
  it('is what there is room for, of whoever asks and of the server', () => {
    const { allowances } = setUp(10 * MIB, 4 * MIB);
    assert.equal(allowances.open('alice', 'a.example').maxBytes, 4 * MIB);
    assert.equal(allowances.open('alice', 'b.example').maxBytes, 4 * MIB);
    assert.equal(allowances.open('bob', 'a.example').maxBytes, 3 * MIB, 'a MiB is taken before anything is known');
  });

  it('takes what it turns out to be', () => {
    const { allowances } = setUp(10 * MIB, 0);
    const allowance = allowances.open('alice', 'a.example');
    allowance.settle(6 * MIB);
    allowance.settle(5 * MIB);
    assert.equal(allowances.open('alice', 'a.example').maxBytes, 5 * MIB);
  });

  it('takes nothing where nothing came', () => {
    const { allowances } = setUp(2 * MIB, 2 * MIB);
    allowances.open('alice', 'a.example').settle(0);
    assert.equal(allowances.open('alice', 'a.example').maxBytes, 2 * MIB);
  });

  it('is refused without room for a MiB, and says when there will be', () => {
    const { clock, allowances } = setUp(3 * MIB, 100 * MIB);
    allowances.open('alice', 'a.example').settle(6 * MIB);
    assert.equal(refusalOf(() => allowances.open('alice', 'b.example')), 4000, '3 MiB beyond the brim, and one of room');
    assert.equal(refusalOf(() => allowances.open('bob', 'a.example')), undefined);
    clock.ms = 4000;
    assert.equal(refusalOf(() => allowances.open('alice', 'b.example')), undefined);
  });

  it('is so much at once for each who asks', () => {
    const { allowances } = setUp(0, 0);
    const [first] = Array.from({ length: 50 }, (_, index) => allowances.open('alice', `${index}.example`));
    assert.equal(refusalOf(() => allowances.open('alice', 'next.example')), 1000);
    assert.equal(refusalOf(() => allowances.open('bob', 'next.example')), undefined);
    first?.end();
    assert.equal(refusalOf(() => allowances.open('alice', 'next.example')), undefined);
    assert.equal(refusalOf(() => allowances.open('alice', 'next.example')), 1000);
  });

  it('asks for no more room than there can be', () => {
    const { allowances } = setUp(1000, 0);
    assert.equal(allowances.open('alice', 'a.example').maxBytes, 1000);
    assert.ok((refusalOf(() => allowances.open('alice', 'a.example')) ?? 0) >= 1000);
  });
});
