import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { because, HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import type { Client } from '../running-service.fixture.ts';
import { startTwo, type TwoServices } from '../two-services.fixture.ts';

const LIMIT = { windowMs: 0, maxBytes: 1000, maxFiles: undefined };

describe('quotas, over the wire', () => {
  let services: TwoServices;
  let here: Client['rpc'];
  let there: Client['rpc'];
  before(async () => {
    services = await startTwo();
    [here, there] = [services.clients[0].rpc, services.clients[1].rpc];
  });
  after(() => services[Symbol.asyncDispose]());

  const wishOf = (userId: string, bytes: number) => ({ userId, bytes, partial: false, limits: [LIMIT], lifetimeMs: HOUR_MS });

  test('room is reserved, used and counted across services, and what is too much is refused', async () => {
    const userId = someone();
    const { reservation, bytes } = await here.reserveQuota(wishOf(userId, 600));
    assert.equal(bytes, 600);
    await assert.rejects(there.reserveQuota(wishOf(userId, 401)), because('USER_LIMIT_EXCEEDED'));
    assert.deepEqual(await there.reserveQuota({ ...wishOf(userId, 401), partial: true }).then((granted) => granted.bytes), 400);
    await here.recordUpload({ origin: ORIGIN, userId, content: { ...ownContent(), sizeBytes: 600 } });
    await there.releaseQuota({ userId, reservation, used: true });
    assert.deepEqual(await here.getQuotaUse({ userId, windowsMs: [HOUR_MS, 0] }), {
      uses: [{ windowMs: HOUR_MS, bytes: 1000, files: 2 }, { windowMs: 0, bytes: 1000, files: 2 }],
    });
  });

  test('a reservation whose upload died lapses, and is removed with the reserved media ids', async () => {
    const userId = someone();
    await here.reserveQuota({ ...wishOf(userId, 1000), lifetimeMs: 1 });
    await there.expirePending({ lapsedBeforeMs: 1, limit: 1000, dryRun: false });
    await there.reserveQuota(wishOf(userId, 1000));
  });

  const bad: [what: string, request: () => Promise<unknown>][] = [
    ['no user', () => here.reserveQuota(wishOf('', 1))],
    ['a size below zero', () => here.reserveQuota(wishOf('@a:b', -1))],
    ['too many limits', () => here.reserveQuota({ ...wishOf('@a:b', 1), limits: Array.from({ length: 11 }, () => LIMIT) })],
    ['a limit below zero', () => here.reserveQuota({ ...wishOf('@a:b', 1), limits: [{ ...LIMIT, maxFiles: -1 }] })],
    ['no lifetime', () => here.reserveQuota({ ...wishOf('@a:b', 1), lifetimeMs: 0 })],
    ['a reservation that is none', () => here.releaseQuota({ userId: '@a:b', reservation: 'a b', used: true })],
    ['too many windows', () => here.getQuotaUse({ userId: '@a:b', windowsMs: Array.from({ length: 11 }, () => 1) })],
  ];
  for (const [what, request] of bad) test(`refuses ${what}`, () => assert.rejects(request(), because('INVALID_PARAM')));
});
