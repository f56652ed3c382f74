import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeTenant } from '../tenants.fixture.ts';
import type { Tenant } from '../tenants.ts';
import type { Requester } from './requester.ts';
import { TokenCheck } from './token-check.ts';

const LIFETIMES = { token_lifetime: 1000, token_outage_lifetime: 1000, token_refusal_lifetime: 1000 };
/** As bridges write it, with what does not concern us. */
const REGISTRATION = `
id: irc
url: null
as_token: "irc-token"
hs_token: "other"
sender_localpart: ircbot
namespaces:
  users: [{ exclusive: true, regex: '@irc_.*\\:example\\.org' }, { exclusive: false, regex: '@alice' }]
  aliases: []
  rooms: []
rate_limited: false
de.sorunome.msc2409.push_ephemeral: true
`;
const INLINE = { id: 'mail', as_token: 'mail-token', sender_localpart: 'mailbot', namespaces: { users: [{ regex: '@mail_' }] } };

describe('an appservice’s token', () => {
  const check = new TokenCheck(LIFETIMES);
  const tenant = makeTenant({ appservices: [{ registration: REGISTRATION }, INLINE] });

  function ask(token: string, userId?: string, deviceId?: string, at: Tenant = tenant): Promise<Requester> {
    return check.check(at, token, { userId, deviceId });
  }

  it('is its sender’s where it names nobody, and nobody is asked', async () => {
    assert.deepEqual(await ask('irc-token'), { userId: '@ircbot:example.org', isGuest: false, isAdmin: false, appservice: { id: 'irc', isRateLimited: false } });
    assert.deepEqual((await ask('mail-token')).appservice, { id: 'mail', isRateLimited: true });
    assert.equal(check.find(tenant, 'irc-token') !== undefined, true);
  });

  it('acts for users in its namespaces, exclusive or not, and for its sender, as the device it names', async () => {
    for (const userId of ['@irc_bob:example.org', '@alice:example.org', '@alice2:example.org', '@ircbot:example.org']) assert.equal((await ask('irc-token', userId)).userId, userId);
    assert.equal((await ask('mail-token', '@mail_x:example.org', 'BRIDGE')).deviceId, 'BRIDGE');
  });

  it('acts for nobody else', async () => {
    const others = ['@bob:example.org', '@irc_bob:other.org', '@x@irc_bob:example.org', '@mail_x:example.org', 'irc_bob', '', `@irc_${'x'.repeat(250)}:example.org`];
    const refusal = { reason: 'FORBIDDEN', message: 'Application service cannot masquerade as this user.' };
    for (const userId of others) await assert.rejects(ask('irc-token', userId), refusal, userId);
  });

  it('is nobody’s at another tenant', async () => {
    await assert.rejects(ask('irc-token', undefined, undefined, makeTenant({ server_name: 'other.org', appservices: [INLINE] })), { reason: 'UNKNOWN_TOKEN' });
  });
});
