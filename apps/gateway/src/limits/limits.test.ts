import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { resolveConfig } from '@medley/config/load';
import { isReason, MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import type { Context } from 'koa';
import type { Requester } from '../auth/requester.ts';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import { Tenants } from '../tenants.ts';
import type { Limits } from './limits.ts';
import { makeLimits } from './limits.fixture.ts';

const signal = new AbortController().signal;
const { homeservers } = await resolveConfig({ homeservers: [{ server_name: 'a.example', admins: ['@admin:a.example'] }, { server_name: 'b.example' }] }, {});
const tenants = new Tenants(homeservers);
const OFF = { burst: 0 };
/** Two at once for each user, three for each address. */
const FEW = { rate_limits: { upload: { per_user: { per_second: 1, burst: 2 }, per_address: { per_second: 1, burst: 3 } } } };

/** A request as far as limits look at it. */
function from(address: string, forwarded?: string): IncomingMessage {
  const rawHeaders = forwarded === undefined ? [] : ['X-Forwarded-For', forwarded];
  return { socket: { remoteAddress: address }, rawHeaders, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage; // no more is read
}

function asking(request: IncomingMessage, host = 'a.example') {
  return { context: { req: request } as Context, tenant: tenants.ofHost(host), signal }; // no more is read
}

function user(name: string, more: Partial<Requester> = {}): Requester {
  return { userId: `@${name}:a.example`, isGuest: false, isAdmin: false, ...more };
}

/** How many of twenty requests of a user are let in. */
async function admitted(limits: Limits, requester: Requester, request = from('192.0.2.1'), host?: string): Promise<number> {
  return count(() => limits.ofUser('upload', { ...asking(request, host), requester }));
}

async function count(ask: () => Promise<unknown>): Promise<number> {
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask().then(() => 1, (error: unknown) => {
    if (isReason(error, 'RATE_LIMITED')) return 0;
    throw error;
  })));
  return outcomes.filter((one) => one === 1).length;
}

describe('rate limits', () => {
  it('count each user, each class and each tenant apart', async () => {
    using limits = await makeLimits({ rate_limits: { upload: { per_user: { burst: 2 }, per_address: OFF } } });
    assert.deepEqual([await admitted(limits, user('x')), await admitted(limits, user('y'))], [2, 2]);
    assert.equal(await count(() => limits.ofUser('thumbnail', { ...asking(from('192.0.2.1')), requester: user('x') })), 20);
    assert.equal(await admitted(limits, user('x'), from('192.0.2.1'), 'b.example'), 2);
  });

  it('count all users of an address together, and those whom it refuses take nothing of the user', async () => {
    using limits = await makeLimits(FEW);
    assert.deepEqual([await admitted(limits, user('x')), await admitted(limits, user('y')), await admitted(limits, user('z'))], [2, 1, 0]);
    assert.equal(await admitted(limits, user('z'), from('192.0.2.2')), 2);
  });

  it('take a whole /64 of IPv6 for one address', async () => {
    using limits = await makeLimits(FEW);
    const ask = (address: string) => count(() => limits.ofAddress('upload', asking(from(address))));
    assert.deepEqual([await ask('2001:db8::1'), await ask('2001:db8::2'), await ask('2001:db8:0:1::1')], [3, 0, 3]);
  });

  it('count whoever claims other addresses as one, and believe a proxy that is trusted', async () => {
    const claims = Array.from({ length: 200 }, (_, index) => `203.0.113.${index}`);
    for (const [trusted_hops, expected] of [[0, 3], [1, 200]]) {
      using limits = await makeLimits({ ...FEW, listen: { trusted_hops } });
      const outcomes = await Promise.allSettled(claims.map((claim) => limits.ofAddress('upload', asking(from('192.0.2.1', claim)))));
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, expected);
    }
  });

  it('tell when to come again', async () => {
    const clock = { ms: 0 };
    using limits = await makeLimits(FEW, clock);
    await admitted(limits, user('x'));
    clock.ms = 250;
    const refusal = await limits.ofUser('upload', { ...asking(from('192.0.2.1')), requester: user('x') }).then(() => undefined, (error: unknown) => error);
    assert.ok(refusal instanceof MediaError);
    assert.deepEqual([refusal.reason, refusal.retryAfterMs], ['RATE_LIMITED', 750]);
  });

  const exempt: [string, Requester, object?][] = [
    ['an appservice whose registration says so', user('bot', { appservice: { id: 'irc', isRateLimited: false } })],
    ['an admin by his token', user('root', { isAdmin: true })],
    ['an admin by the configuration', user('admin')],
    ['whom a policy exempts', user('x'), { policies: [{ name: 'free', users: ['@x:*'], set: { rate_limits: { exempt: true } } }] }],
    ['anybody, where they are off', user('x'), { rate_limits: { ...FEW.rate_limits, enabled: false } }],
  ];
  for (const [what, requester, parts] of exempt) {
    it(`are not for ${what}`, async () => {
      using limits = await makeLimits({ ...FEW, ...parts });
      assert.equal(await admitted(limits, requester), 20);
    });
  }

  const limited: [string, number, Requester, object?][] = [
    ['an appservice like others', 2, user('bot', { appservice: { id: 'irc', isRateLimited: true } })],
    ['admins where that is configured', 2, user('root', { isAdmin: true }), { limit_admins: true }],
    ['guests, more strictly', 1, user('guest', { isGuest: true })],
    ['guests, as is configured', 2, user('guest', { isGuest: true }), { guest_factor: 1 }],
  ];
  for (const [what, expected, requester, parts] of limited) {
    it(`are for ${what}`, async () => {
      using limits = await makeLimits({ rate_limits: { ...FEW.rate_limits, ...parts } });
      assert.equal(await admitted(limits, requester), expected);
    });
  }

  it('are multiplied by a policy', async () => {
    using limits = await makeLimits({
      rate_limits: { upload: { per_user: { burst: 2 }, per_address: OFF } },
      policies: [{ name: 'half', users: ['@slow:*'], set: { rate_limits: { factor: 0.5 } } }, { name: 'more', users: ['@busy:*'], set: { rate_limits: { factor: 4 } } }],
    });
    assert.deepEqual([await admitted(limits, user('slow')), await admitted(limits, user('busy'))], [1, 8]);
  });

  it('let a client open a room with two hundred avatars at once', async () => {
    using limits = await makeLimits();
    await Promise.all(Array.from({ length: 200 }, () => limits.ofUser('thumbnail', { ...asking(from('192.0.2.1')), requester: user('x', { isGuest: true }) })));
  });

  it('count each server, and its address before it has shown who it is', async () => {
    using limits = await makeLimits({ rate_limits: { federation: { per_server: { burst: 2 }, per_address: { burst: 3 } } } });
    const [first] = tenants.all;
    assert.ok(first !== undefined);
    const names = ['x.example', 'y.example'] as const;
    const [x, y] = await Promise.all(names.map((name) => count(() => limits.ofServer({ server: name as never, tenant: first, signal })))); // any name will do
    assert.deepEqual([x, y], [2, 2]);
    assert.equal(await count(() => limits.ofAddress('federation', asking(from('192.0.2.1')))), 3);
  });
});

describe('limits on bad tokens', () => {
  const badToken = new HomeserverRefusal(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'x' });
  const refusals: [string, Error, boolean][] = [
    ['a token that nobody knows', badToken, true],
    ['a token that is not configured', new MediaError('UNKNOWN_TOKEN', 'x'), true],
    ['an outage', new MediaError('HOMESERVER_UNAVAILABLE', 'x'), false],
    ['a user who is locked', new HomeserverRefusal(401, { errcode: 'M_USER_LOCKED', error: 'x' }), false],
  ];
  for (const [what, error, isCounted] of refusals) {
    it(`${isCounted ? 'count' : 'do not count'} ${what}`, async () => {
      using limits = await makeLimits({ rate_limits: { bad_tokens: { per_address: { per_second: 1, burst: 5 } } } });
      const check = (isKnown = false) => limits.countingBadTokens(asking(from('192.0.2.1')), () => isKnown, () => Promise.reject(error));
      for (let times = 0; times < 10; times += 1) await assert.rejects(check(), error);
      if (!isCounted) return;
      await eventually(() => assert.rejects(check(), { reason: 'RATE_LIMITED' }));
      await assert.rejects(check(true), error, 'a token that is known to be good is heard');
      const elsewhere = limits.countingBadTokens(asking(from('192.0.2.2')), () => false, async () => user('x'));
      assert.equal((await elsewhere).userId, '@x:a.example');
    });
  }
});

describe('limits on looking up keys', () => {
  it('let so many be under way for one address, however long they take', async () => {
    using limits = await makeLimits({ rate_limits: { key_lookups: { at_once: 4 } } });
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (address: string) => limits.lookingUpKeys(asking(from(address)), () => promise);
    const [looking, other] = [Array.from({ length: 6 }, () => look('192.0.2.1')), look('192.0.2.2')];
    for (const refused of looking.slice(4)) await assert.rejects(refused, { reason: 'RATE_LIMITED' });
    resolve();
    await Promise.all([...looking.slice(0, 4), other]);
    await look('192.0.2.1');
  });

  it('let one address ask for so many', async () => {
    using limits = await makeLimits({ rate_limits: { key_lookups: { per_address: { burst: 3 } } } });
    assert.equal(await count(() => limits.lookingUpKeys(asking(from('192.0.2.1')), async () => {})), 3);
  });
});
