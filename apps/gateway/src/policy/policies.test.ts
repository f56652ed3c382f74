import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveConfig } from '@medley/config/load';
import { isReason } from '@medley/domain/media-error';
import type { Requester } from '../auth/requester.ts';
import { toGatewayConfig } from '../config.ts';
import { Tenants } from '../tenants.ts';
import { Policies } from './policies.ts';
import type { Policy } from './policy.ts';
import { requireType } from './require-allowed.ts';

const HOMESERVERS = [
  { server_name: 'one.example', admins: ['@root:one.example'], appservices: [{ id: 'irc', as_token: 'as-secret', sender_localpart: 'irc' }] },
  { server_name: 'two.example' },
];
const MIB = 2 ** 20;
const QUOTAS = { max_bytes: '10M', media_upload_limits: [{ time_period: '1h', max_size: '1M' }], info_uri: 'https://one.example/limits' };

type Rule = Readonly<Record<string, unknown>>;

async function open(rules: readonly Rule[], parts: Rule = {}) {
  const raw = { homeservers: HOMESERVERS, quotas: QUOTAS, policies: rules.map((rule, index) => ({ name: `rule ${index}`, ...rule })), ...parts };
  const config = toGatewayConfig(await resolveConfig(raw, {}));
  const tenants = new Tenants(config.homeservers);
  const policies = new Policies(config);
  const subjectOf = (userId: string, more: Partial<Requester> = {}) => ({
    tenant: tenants.ofName(userId.replace(/^.*?:/, '')) ?? assert.fail(),
    requester: { userId, isGuest: false, isAdmin: false, ...more },
  });
  return {
    of: (userId: string, more?: Partial<Requester>): Policy => policies.of(subjectOf(userId, more)),
    explain: (userId: string, more?: Partial<Requester>) => policies.explain(subjectOf(userId, more)),
  };
}

const GENERAL: Policy = {
  uploads: { isAllowed: true, maxBytes: 50 * MIB, maxPending: 5, allowedTypes: ['*'], deniedTypes: [] },
  quota: {
    limits: [{ windowMs: 0, maxBytes: 10 * MIB, maxFiles: undefined }, { windowMs: 3_600_000, maxBytes: MIB, maxFiles: undefined }],
    infoUri: 'https://one.example/limits', canUpgrade: false,
  },
  rateFactor: 1,
  isScanned: false,
};

describe('policies', () => {
  it('are what is said for all where there are no rules, and where none matches', async () => {
    assert.deepEqual((await open([])).of('@a:one.example'), GENERAL);
    assert.deepEqual((await open([{ users: ['@b:one.example'], set: { scan: true } }])).of('@a:one.example'), GENERAL);
    assert.equal((await open([], { content_scanner: { address: 'dns:///scanner:1' } })).of('@a:one.example').isScanned, true);
  });

  const { uploads, quota } = GENERAL;
  const keys: readonly [set: Rule, policy: Policy][] = [
    [{ uploads: { allowed: false } }, { ...GENERAL, uploads: { ...uploads, isAllowed: false } }],
    [{ uploads: { max_bytes: '1G' } }, { ...GENERAL, uploads: { ...uploads, maxBytes: 1024 * MIB } }],
    [{ uploads: { max_pending: 0 } }, { ...GENERAL, uploads: { ...uploads, maxPending: 0 } }],
    [{ uploads: { allowed_types: ['image/*'] } }, { ...GENERAL, uploads: { ...uploads, allowedTypes: ['image/*'] } }],
    [{ uploads: { denied_types: ['text/html'] } }, { ...GENERAL, uploads: { ...uploads, deniedTypes: ['text/html'] } }],
    [{ quotas: { max_bytes: null } }, { ...GENERAL, quota: { ...quota, limits: quota.limits.slice(1) } }],
    [{ quotas: { max_bytes: 0 } }, { ...GENERAL, quota: { ...quota, limits: [{ windowMs: 0, maxBytes: 0, maxFiles: undefined }, ...quota.limits.slice(1)] } }],
    [{ quotas: { max_files: 3 } }, { ...GENERAL, quota: { ...quota, limits: [{ windowMs: 0, maxBytes: 10 * MIB, maxFiles: 3 }, ...quota.limits.slice(1)] } }],
    [{ quotas: { media_upload_limits: [] } }, { ...GENERAL, quota: { ...quota, limits: quota.limits.slice(0, 1) } }],
    [{ quotas: { info_uri: 'https://b.example/' } }, { ...GENERAL, quota: { ...quota, infoUri: 'https://b.example/' } }],
    [{ quotas: { can_upgrade: true } }, { ...GENERAL, quota: { ...quota, canUpgrade: true } }],
    [{ rate_limits: { factor: 2.5 } }, { ...GENERAL, rateFactor: 2.5 }],
    [{ rate_limits: { exempt: true } }, { ...GENERAL, rateFactor: Infinity }],
    [{ scan: true }, { ...GENERAL, isScanned: true }],
  ];
  for (const [set, policy] of keys) {
    it(`can be another for some users: ${JSON.stringify(set)}`, async () => {
      const policies = await open([{ users: ['@a:one.example'], set }]);
      assert.deepEqual(policies.of('@a:one.example'), policy);
      assert.deepEqual(policies.of('@b:one.example'), GENERAL);
    });
  }

  const conditions: readonly [who: Rule, is: readonly [string, Partial<Requester>?], isNot: readonly [string, Partial<Requester>?]][] = [
    [{ users: ['@x:one.example', '@bot-*:one.example'] }, ['@bot-7:one.example'], ['@bot:one.example']],
    [{ tenants: ['two.example'] }, ['@a:two.example'], ['@a:one.example']],
    [{ guests: true }, ['@a:one.example', { isGuest: true }], ['@a:one.example']],
    [{ guests: false }, ['@a:one.example'], ['@a:one.example', { isGuest: true }]],
    [{ admins: true }, ['@root:one.example'], ['@a:one.example']],
    [{ admins: true }, ['@a:one.example', { isAdmin: true }], ['@root:two.example']],
    [{ appservices: ['irc'] }, ['@a:one.example', { appservice: { id: 'irc', isRateLimited: true } }], ['@a:one.example', { appservice: { id: 'xmpp', isRateLimited: true } }]],
    [{ appservices: ['irc'] }, ['@a:one.example', { appservice: { id: 'irc', isRateLimited: true } }], ['@a:one.example']],
    [{ users: ['@a:*'], tenants: ['one.example'] }, ['@a:one.example'], ['@a:two.example']],
    [{}, ['@anybody:two.example', { isGuest: true }], ['@nobody:one.example']],
  ];
  conditions.forEach(([who, is, isNot], index) => {
    it(`are for whom a rule is: ${JSON.stringify(who)}, ${index}`, async () => {
      const policies = await open([{ ...who, set: { rate_limits: { factor: 7 } } }]);
      assert.equal(policies.of(...is).rateFactor, 7);
      if (Object.keys(who).length > 0) assert.equal(policies.of(...isNot).rateFactor, 1);
    });
  });

  it('are decided key by key, by the first rule that says something, and tell which', async () => {
    const policies = await open([
      { users: ['@b*'], set: { uploads: { max_bytes: '2M' } } },
      { users: ['@bot*'], set: { uploads: { max_bytes: '3M', max_pending: 9 }, quotas: { max_bytes: null } } },
      { set: { uploads: { max_pending: 1 }, rate_limits: { exempt: false } } },
    ]);
    const bot = policies.explain('@bot:one.example');
    assert.deepEqual(bot['uploads.max_bytes'], { value: 2 * MIB, rule: 'rule 0' });
    assert.deepEqual(bot['uploads.max_pending'], { value: 9, rule: 'rule 1' });
    assert.deepEqual(bot['quotas.max_bytes'], { value: null, rule: 'rule 1' });
    assert.deepEqual(bot['rate_limits.factor'], { value: 1, rule: 'rule 2' });
    assert.deepEqual(bot['uploads.allowed'], { value: true, rule: undefined });
    assert.deepEqual(policies.explain('@a:one.example')['uploads.max_pending'], { value: 1, rule: 'rule 2' });
  });

  it('are remembered apart for a user as guest, admin, and by an application service', async () => {
    const policies = await open([{ guests: true, set: { rate_limits: { factor: 2 } } }, { admins: true, set: { rate_limits: { factor: 3 } } }, { appservices: ['irc'], set: { rate_limits: { factor: 4 } } }]);
    const user = '@a:one.example';
    for (const _ of [1, 2]) {
      assert.deepEqual(
        [policies.of(user), policies.of(user, { isGuest: true }), policies.of(user, { isAdmin: true }), policies.of(user, { appservice: { id: 'irc', isRateLimited: true } })].map(({ rateFactor }) => rateFactor),
        [1, 2, 3, 4],
      );
    }
  });
});

describe('types of uploads', () => {
  const policy = { ...GENERAL.uploads, allowedTypes: ['image/*', 'text/plain'], deniedTypes: ['image/svg*'] };
  for (const type of ['image/png', 'IMAGE/PNG', 'text/plain; charset=utf-8', 'image/']) {
    it(`may be ${type}`, () => requireType(policy, type));
  }
  for (const type of ['image/svg+xml', 'Image/SVG+xml; a=b', 'text/html', 'text/plainer', 'x-image/png', ';image/png']) {
    it(`may not be ${type}`, () => assert.throws(() => requireType(policy, type), (error) => isReason(error, 'FORBIDDEN')));
  }
});
