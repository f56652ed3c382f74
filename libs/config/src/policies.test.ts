import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, resolveConfig } from './load.ts';

const HOMESERVERS = [{ server_name: 'example.org', appservices: [{ id: 'irc', as_token: 'as-secret', sender_localpart: 'irc' }] }];
const INFO = 'https://example.org/limits';

function resolve(parts: Readonly<Record<string, unknown>>) {
  return resolveConfig({ homeservers: HOMESERVERS, ...parts }, {});
}

async function mistakesOf(parts: Readonly<Record<string, unknown>>): Promise<string> {
  const error = await resolve(parts).then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof ConfigError, `expected a ConfigError, got ${String(error)}`);
  return error.mistakes.join('\n');
}

describe('quotas and policies, configured', () => {
  it('limit nothing by default', async () => {
    const { quotas, policies, uploads } = await resolve({});
    assert.deepEqual([quotas.max_bytes, quotas.max_files, quotas.media_upload_limits, policies], [null, null, [], []]);
    assert.deepEqual([uploads.allowed, uploads.allowed_types, uploads.denied_types], [true, ['*'], []]);
  });

  it('take Synapse’s media_upload_limits', async () => {
    const { quotas } = await resolve({ quotas: { media_upload_limits: [{ time_period: '1h', max_size: '100M' }, { time_period: '1w', max_files: 7 }], info_uri: INFO } });
    assert.deepEqual(quotas.media_upload_limits, [{ time_period: 3_600_000, max_size: 100 * 2 ** 20 }, { time_period: 604_800_000, max_files: 7 }]);
  });

  it('take rules with all they can say', async () => {
    const rule = {
      name: 'bots', users: ['@bot-*:example.org'], appservices: ['irc'], tenants: ['example.org'], guests: false, admins: false,
      set: {
        uploads: { allowed: true, max_bytes: '1G', max_pending: 0, allowed_types: ['Image/*'], denied_types: [] },
        quotas: { max_bytes: null, max_files: 3, media_upload_limits: [], info_uri: INFO, can_upgrade: true },
        rate_limits: { factor: 2.5 },
        scan: false,
      },
    };
    const { policies: [taken] } = await resolve({ policies: [rule] });
    assert.deepEqual([taken?.set.uploads?.max_bytes, taken?.set.uploads?.allowed_types, taken?.set.quotas?.max_bytes], [2 ** 30, ['image/*'], null]);
  });

  const mistakes: readonly [what: string, parts: Readonly<Record<string, unknown>>, message: string][] = [
    ['a quota of which nobody is told', { quotas: { max_bytes: '1G' } }, 'quotas.info_uri: must say where users can read about their limits'],
    ['the same in a rule', { policies: [{ name: 'a', set: { quotas: { max_files: 1 } } }] }, 'policies[0].set.quotas.info_uri: must be said here or in quotas'],
    ['a window that limits nothing', { quotas: { media_upload_limits: [{ time_period: '1h' }] } }, 'quotas.media_upload_limits[0]: needs max_size or max_files'],
    ['a window without a length', { quotas: { media_upload_limits: [{ time_period: 0, max_size: 1 }], info_uri: INFO } }, 'time_period: must be more than nothing'],
    ['room that lapses before the upload ends', { quotas: { reservation_lifetime: '1h' } }, 'quotas.reservation_lifetime: must be longer than uploads.max_duration'],
    ['room that lapses before the upload is examined', { quotas: { reservation_lifetime: '62m' }, content_scanner: { address: 'dns:///scanner:1', timeout: '1m' } }, 'quotas.reservation_lifetime: must be longer'],
    ['two rules of one name', { policies: [{ name: 'a', set: {} }, { name: 'a', set: {} }] }, 'policies[1].name: is the name of a rule before'],
    ['a homeserver that is not there', { policies: [{ name: 'a', tenants: ['b.example'], set: {} }] }, 'policies[0].tenants: b.example is no homeserver here'],
    ['an application service that is not there', { policies: [{ name: 'a', appservices: ['xmpp'], set: {} }] }, 'policies[0].appservices: xmpp is not among'],
    ['a factor for who is exempt', { policies: [{ name: 'a', set: { rate_limits: { factor: 2, exempt: true } } }] }, 'rate_limits: needs factor or exempt, not both'],
    ['a key that nobody knows', { policies: [{ name: 'a', set: { uploads: { max_size: 1 } } }] }, 'max_size'],
    ['a type with parameters', { uploads: { denied_types: ['text/html; charset=utf-8'] } }, 'uploads.denied_types[0]: is not a media type'],
  ];
  for (const [what, parts, message] of mistakes) {
    it(`refuse ${what}`, async () => {
      const told = await mistakesOf(parts);
      assert.ok(told.includes(message), told);
    });
  }
});
