import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PermitClaim } from '@medley/proto/metadata/limits';
import { useService } from '../one-service.fixture.ts';

const CLAIM: PermitClaim = { bucket: 'b', perSecond: 0, burst: 10, wanted: 1, partial: false, forced: false };

describe('permits', () => {
  const service = useService();

  async function take(...claims: Partial<PermitClaim>[]): Promise<unknown> {
    const { grants } = await service.rpc.takePermits({ claims: claims.map((claim) => ({ ...CLAIM, ...claim })) });
    return grants.map(({ granted, left }) => [granted, left]);
  }

  it('are taken of each bucket in the order of the claims', async () => {
    const bucket = 'order';
    const claims = [{ bucket, wanted: 8 }, { bucket, wanted: 8 }, { bucket, wanted: 8, partial: true }, { bucket: 'other' }, { bucket, wanted: 5, forced: true }];
    assert.deepEqual(await take(...claims), [[8, 2], [0, 2], [2, 0], [1, 9], [5, -5]]);
  });

  it('are never more than the bucket has, however many ask at once', async () => {
    const granted = await Promise.all(Array.from({ length: 40 }, () => take({ bucket: 'crowd' })));
    assert.equal(granted.filter((one) => JSON.stringify(one).startsWith('[[1,')).length, 10);
  });

  it('come back with time', async () => {
    await take({ bucket: 'time', wanted: 10 });
    const [[granted] = []] = await take({ bucket: 'time', wanted: 10, perSecond: 1e6, partial: true }) as [number, number][];
    assert.equal(granted, 10);
  });

  const bad: [string, Partial<PermitClaim>[]][] = [
    ['nothing', []],
    ['too much at once', Array.from({ length: 101 }, () => ({}))],
    ['a bucket without a name', [{ bucket: '' }]],
    ['a bucket with too long a name', [{ bucket: 'ä'.repeat(257) }]],
    ['a rate below nothing', [{ perSecond: -1 }]],
    ['a burst without end', [{ burst: Number.POSITIVE_INFINITY }]],
    ['what is no number', [{ wanted: Number.NaN }]],
  ];
  for (const [what, claims] of bad) {
    it(`of ${what} are refused`, async () => assert.rejects(take(...claims), { reason: 'INVALID_PARAM' }));
  }
});
