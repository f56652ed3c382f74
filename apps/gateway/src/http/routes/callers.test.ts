import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { send, startFederation, type FederationScene } from '../../federation.fixture.ts';
import { ROUTES } from '../routes.ts';
import type { Route } from './route.ts';

type Refusal = readonly [status: number, errcode: string];
/** Somebody who calls: what he shows, and how the routes for each kind of caller answer him; where nothing is said, they let him pass. */
interface Caller {
  readonly authorization?: string;
  readonly refusals: { readonly [Kind in Route['caller']]?: Refusal | undefined };
  /** By routes that suspended users may not call. */
  readonly whereSuspended?: Refusal | undefined;
}

const [ONE, TWO] = ['one.example', 'two.example'];
const [HS_TOKEN, OTHER_HS_TOKEN] = ['hs-token-of-one', 'hs-token-of-two'];
const [FIXED, FIXED_ADMIN, OTHER_FIXED] = ['fixed', 'fixed-admin', 'other-fixed'];
const GLOBAL_ADMIN = `@global:${ONE}`;
const BRIDGE = { id: 'bridge', sender_localpart: 'bridge' };

const MISSING: Refusal = [401, 'M_MISSING_TOKEN'];
const UNKNOWN: Refusal = [401, 'M_UNKNOWN_TOKEN'];
const LOCKED: Refusal = [401, 'M_USER_LOCKED'];
const UNSIGNED: Refusal = [401, 'M_UNAUTHORIZED'];
const FORBIDDEN: Refusal = [403, 'M_FORBIDDEN'];
const GUEST: Refusal = [403, 'M_GUEST_ACCESS_FORBIDDEN'];
const SUSPENDED: Refusal = [403, 'M_USER_SUSPENDED'];

/** Who has a token for which users' routes answer so, and admins' routes so. */
function byToken(token: string, users: Refusal | undefined, admins: Refusal | undefined): Caller {
  return { authorization: `Bearer ${token}`, refusals: { guest: users, user: users, admin: admins, homeserver: FORBIDDEN, server: UNSIGNED } };
}

function asGuest(token: string): Caller {
  const { refusals, ...guest } = byToken(token, GUEST, GUEST);
  return { ...guest, refusals: { ...refusals, guest: undefined } };
}

describe('who may call', () => {
  let scene: FederationScene;
  let one: FakeHomeserver;
  let two: FakeHomeserver;
  const callers = new Map<string, Caller>();
  before(async () => {
    [one, two] = [await FakeHomeserver.start(ONE), await FakeHomeserver.start(TWO)];
    const bridges = [one, two].map((homeserver) => homeserver.addAppservice('bridge').token);
    const config = {
      homeservers: [
        {
          server_name: ONE, client_api: one.url, appservice: { hs_token: HS_TOKEN }, appservices: [{ ...BRIDGE, as_token: bridges[0] }], suspension: { check: 'spec', token: one.addAdmin('checker').token },
          static_tokens: [{ token: FIXED, user_id: `@fixed:${ONE}` }, { token: FIXED_ADMIN, user_id: `@fixed-admin:${ONE}`, admin: true }],
        },
        {
          server_name: TWO, client_api: two.url, appservice: { hs_token: OTHER_HS_TOKEN }, appservices: [{ ...BRIDGE, as_token: bridges[1] }],
          static_tokens: [{ token: OTHER_FIXED, user_id: `@fixed:${TWO}`, admin: true }],
        },
      ],
      global_admins: [GLOBAL_ADMIN],
      rate_limits: { enabled: false },
    };
    scene = await startFederation({ config });
    for (const [name, caller] of makeCallers(bridges)) callers.set(name, caller);
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
    await Promise.all([one, two].map((homeserver) => homeserver[Symbol.asyncDispose]()));
  });

  function makeCallers([bridge = '', otherBridge = '']: readonly string[]): [string, Caller][] {
    const suspended = one.addUser('suspended');
    one.suspended.add(suspended.userId);
    const locked = one.addRefused(401, { errcode: 'M_USER_LOCKED', error: 'Locked', soft_logout: true });
    const stranger = (token: string): Caller => byToken(token, UNKNOWN, UNKNOWN);
    return [
      ['nobody', { refusals: { guest: MISSING, user: MISSING, admin: MISSING, homeserver: MISSING, server: UNSIGNED } }],
      ['somebody with a bad token', stranger('bad')],
      ['a user', byToken(one.addUser().token, undefined, FORBIDDEN)],
      ['a user of the configuration', byToken(FIXED, undefined, FORBIDDEN)],
      ['a guest', asGuest(one.addGuest().token)],
      ['an appservice', byToken(bridge, undefined, FORBIDDEN)],
      ['a suspended user', { ...byToken(suspended.token, undefined, FORBIDDEN), whereSuspended: SUSPENDED }],
      ['a locked user', byToken(locked, LOCKED, LOCKED)],
      ['an admin', byToken(one.addAdmin().token, undefined, undefined)],
      ['an admin of the configuration', byToken(FIXED_ADMIN, undefined, undefined)],
      ['a global admin', byToken(one.addUser('global').token, undefined, undefined)],
      ['a user of another tenant', stranger(two.addUser().token)],
      ['a user of the same name of another tenant', stranger(two.addUser('global').token)],
      ['an admin of another tenant', stranger(two.addAdmin().token)],
      ['an admin of another tenant’s configuration', stranger(OTHER_FIXED)],
      ['another tenant’s appservice', stranger(otherBridge)],
      ['our homeserver', { ...stranger(HS_TOKEN), refusals: { guest: UNKNOWN, user: UNKNOWN, admin: UNKNOWN, server: UNSIGNED } }],
      ['another server', { authorization: 'X-Matrix origin="o.example",key="ed25519:first",sig="AAAA"', refusals: { guest: MISSING, user: MISSING, admin: MISSING, homeserver: MISSING, server: UNSIGNED } }],
    ];
  }

  it('without a token, and although suspended, is said here once more', () => {
    const named = (is: (route: Route) => boolean): string[] => ROUTES.filter(is).map(({ operation }) => operation);
    assert.deepEqual(named(({ caller }) => caller === 'anyone'), ['getContent', 'getContentThumbnail']);
    assert.deepEqual(named(({ suspended }) => suspended === 'refused'), ['uploadContent', 'createContent', 'uploadContentToMXC']);
  });

  for (const route of ROUTES) {
    it(`${route.method} ${route.paths[0]} (${route.operation})`, async () => {
      for (const path of route.paths) for (const [name, caller] of callers) await check(route, path, name, caller);
    });
  }

  async function check(route: Route, path: string, name: string, caller: Caller): Promise<void> {
    const refusal = caller.refusals[route.caller] ?? (route.suspended === 'refused' ? caller.whereSuspended : undefined);
    const whole = path.replaceAll(/:(\w+)/g, (_all, part: string) => (part === 'serverName' ? ONE : 'x'));
    // each at the Host of its own tenant first, which remembers the token
    await send(`${scene.gateway.url}/_matrix/client/v1/media/config`, caller.authorization, { headers: { host: TWO } });
    const { status, body } = await send(scene.gateway.url + whole, caller.authorization, { method: route.method, headers: { host: ONE } });
    const told = `${name}: ${status} ${body}`;
    if (refusal === undefined) return assert.ok(![401, 403].includes(status), told);
    assert.deepEqual([status, (JSON.parse(body.toString()) as Record<string, unknown>)['errcode']], refusal, told);
  }
});
