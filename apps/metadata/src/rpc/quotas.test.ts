import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { because, HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { useTwo } from '../two-services.fixture.ts';

const LIMIT = { windowMs: 0, maxBytes: 1000, maxFiles: undefined };

describe('quotas, over the wire', () => {
  const two = useTwo();

  const wishOf = (userId: string, bytes: number) => ({ userId, bytes, partial: false, limits: [LIMIT], lifetimeMs: HOUR_MS });

  test('room is reserved, used and counted across services, and what is too much is refused', async () => {
    const userId = someone();
    const { reservation, bytes } = await two.here.reserveQuota(wishOf(userId, 600));
    assert.equal(bytes, 600);
    await assert.rejects(two.there.reserveQuota(wishOf(userId, 401)), because('USER_LIMIT_EXCEEDED'));
    assert.deepEqual(await two.there.reserveQuota({ ...wishOf(userId, 401), partial: true }).then((granted) => granted.bytes), 400);
    await two.here.recordUpload({ origin: ORIGIN, userId, content: { ...ownContent(), sizeBytes: 600 } });
    await two.there.releaseQuota({ userId, reservation, used: true });
    assert.deepEqual(await two.here.getQuotaUse({ userId, windowsMs: [HOUR_MS, 0] }), {
      uses: [{ windowMs: HOUR_MS, bytes: 1000, files: 2 }, { windowMs: 0, bytes: 1000, files: 2 }],
    });
  });

  test('a reservation whose upload died lapses, and is removed with the reserved media ids', async () => {
    const userId = someone();
    await two.here.reserveQuota({ ...wishOf(userId, 1000), lifetimeMs: 1 });
    await two.there.expirePending({ lapsedBeforeMs: 1, limit: 1000, dryRun: false });
    await two.there.reserveQuota(wishOf(userId, 1000));
  });

  const bad: [what: string, request: () => Promise<unknown>][] = [
    ['no user', () => two.here.reserveQuota(wishOf('', 1))],
    ['a size below zero', () => two.here.reserveQuota(wishOf('@a:b', -1))],
    ['too many limits', () => two.here.reserveQuota({ ...wishOf('@a:b', 1), limits: Array.from({ length: 11 }, () => LIMIT) })],
    ['a limit below zero', () => two.here.reserveQuota({ ...wishOf('@a:b', 1), limits: [{ ...LIMIT, maxFiles: -1 }] })],
    ['no lifetime', () => two.here.reserveQuota({ ...wishOf('@a:b', 1), lifetimeMs: 0 })],
    ['a reservation that is none', () => two.here.releaseQuota({ userId: '@a:b', reservation: 'a b', used: true })],
    ['too many windows', () => two.here.getQuotaUse({ userId: '@a:b', windowsMs: Array.from({ length: 11 }, () => 1) })],
  ];
  for (const [what, request] of bad) test(`refuses ${what}`, () => assert.rejects(request(), because('INVALID_PARAM')));
});
