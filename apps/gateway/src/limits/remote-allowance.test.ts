import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReason } from '@medley/domain/media-error';
import { quietTelemetry } from '@medley/testing/telemetry';
import { Tenants } from '../tenants.ts';
import { resolveConfig } from '@medley/config/load';
import { LocalPermits } from './limits.fixture.ts';
import { Refusals } from './refusals.ts';
import { RemoteAllowances, type RemoteAllowance } from './remote-allowance.ts';

const MIB = 2 ** 20;
const { homeservers } = await resolveConfig({ homeservers: [{ server_name: 'a.example' }, { server_name: 'b.example' }] }, {});
const tenants = new Tenants(homeservers);

/** `open` is of one gateway, `openElsewhere` of another. */
function setUp(userBurst: number, serverBurst: number) {
  const clock = { ms: 0 };
  const rate = (burst: number) => ({ burst, bytes_per_second: MIB });
  const options = {
    rates: { per_user: rate(userBurst), per_server: rate(serverBurst) },
    permits: new LocalPermits(clock), refusals: new Refusals(quietTelemetry().meter), now: () => clock.ms,
  };
  const opener = (allowances: RemoteAllowances) => async (asker: string, server: string, tenant = 'a.example'): Promise<RemoteAllowance> => {
    const allowance = allowances.open({ asker, tenant: tenants.ofHost(tenant) }, server);
    await allowance.granted.finally(() => allowance.maxBytes === 0 && allowance.end());
    return allowance;
  };
  return { clock, open: opener(new RemoteAllowances(options)), openElsewhere: opener(new RemoteAllowances(options)) };
}

async function refusalOf(opening: Promise<unknown>): Promise<number | undefined> {
  try {
    await opening;
  } catch (error) {
    if (isReason(error, 'RATE_LIMITED')) return error.retryAfterMs;
    throw error;
  }
  return undefined;
}

describe('what may be fetched', () => {
  it('is what there is room for, of whoever asks and of the server', async () => {
    const { open } = setUp(10 * MIB, 4 * MIB);
    assert.equal((await open('alice', 'x.example')).maxBytes, 4 * MIB);
    assert.equal((await open('alice', 'y.example')).maxBytes, 4 * MIB);
    assert.equal((await open('bob', 'x.example')).maxBytes, 3 * MIB, 'a MiB is taken before anything is known');
  });

  it('takes what it turns out to be', async () => {
    const { open } = setUp(10 * MIB, 0);
    const allowance = await open('alice', 'x.example');
    allowance.settle(6 * MIB);
    allowance.settle(5 * MIB);
    assert.equal((await open('alice', 'x.example')).maxBytes, 5 * MIB);
  });

  it('takes nothing where nothing came', async () => {
    const { open } = setUp(2 * MIB, 2 * MIB);
    (await open('alice', 'x.example')).settle(0);
    assert.equal((await open('alice', 'x.example')).maxBytes, 2 * MIB);
  });

  it('is one for all gateways, and another for each tenant', async () => {
    const { open, openElsewhere } = setUp(2 * MIB, 0);
    (await open('alice', 'x.example')).settle(2 * MIB);
    assert.equal(await refusalOf(openElsewhere('alice', 'x.example')), 1000);
    assert.equal(await refusalOf(open('alice', 'x.example', 'b.example')), undefined);
  });

  it('is refused without room for a MiB, and says when there will be', async () => {
    const { clock, open } = setUp(3 * MIB, 100 * MIB);
    (await open('alice', 'x.example')).settle(6 * MIB);
    assert.equal(await refusalOf(open('alice', 'y.example')), 4000, '3 MiB beyond the brim, and one of room');
    assert.equal(await refusalOf(open('bob', 'x.example')), undefined);
    clock.ms = 4000;
    assert.equal(await refusalOf(open('alice', 'y.example')), undefined);
  });

  it('takes nothing of the user where the server has no room, nor the other way round', async () => {
    const { open } = setUp(2 * MIB, 2 * MIB);
    (await open('alice', 'x.example')).settle(2 * MIB);
    await refusalOf(open('bob', 'x.example'));
    assert.equal((await open('bob', 'y.example')).maxBytes, 2 * MIB);
    await refusalOf(open('alice', 'z.example'));
    assert.equal((await open('carol', 'z.example')).maxBytes, 2 * MIB);
  });

  it('is so much at once for each who asks', async () => {
    const { open } = setUp(0, 0);
    const [first] = await Promise.all(Array.from({ length: 50 }, (_, index) => open('alice', `${index}.example`)));
    assert.equal(await refusalOf(open('alice', 'next.example')), 1000);
    assert.equal(await refusalOf(open('bob', 'next.example')), undefined);
    first?.end();
    assert.equal(await refusalOf(open('alice', 'next.example')), undefined);
    assert.equal(await refusalOf(open('alice', 'next.example')), 1000);
  });

  it('asks for no more room than there can be', async () => {
    const { open } = setUp(1000, 0);
    assert.equal((await open('alice', 'x.example')).maxBytes, 1000);
    assert.ok(((await refusalOf(open('alice', 'x.example'))) ?? 0) >= 1000);
  });
});
