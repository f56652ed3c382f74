import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manners } from '@medley/testing/fake-homeserver';
import { assertBytes, assertError, assertJson } from '../harness/expect.ts';
import { downloadPath, uploadPath } from '../harness/media-user.ts';
import type { System } from '../harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';

/** How the homeserver is asked who calls: appservices (A4), its outages (A6), how often (A9). */
export function describeAuthHomeserver(system: System): void {
  describe('auth by the homeserver', () => {
    appservices(system);
    outages(system);
    questions(system);
  });
}

function appservices({ site }: System): void {
  it('takes the user whom an appservice acts for as the uploader', async () => {
    const bridge = site.user(site.homeserver.addAppservice('takes'));
    const as = (name: string) => ({ user_id: `@takes_${name}:${site.serverName}` });
    const created = await bridge.call('/_matrix/media/v1/create', { method: 'POST', query: as('a') });
    const [, mediaId = ''] = /mxc:\/\/[^/]+\/([^"]+)/.exec(created.body.toString()) ?? [];
    const path = `/_matrix/media/v3/upload/${site.serverName}/${mediaId}`;
    assertError(await bridge.call(path, { method: 'PUT', body: 'bytes', query: as('b') }), 403, 'M_FORBIDDEN');
    assertError(await bridge.call(path, { method: 'PUT', body: 'bytes' }), 403, 'M_FORBIDDEN');
    assertJson(await bridge.call(path, { method: 'PUT', body: 'bytes', query: as('a') }));
  });

  it('passes on the user and the device verbatim, in both spellings', async () => {
    const bridge = site.user(site.homeserver.addAppservice('passes'));
    const userId = `@passes_Ünï/+ &=%?#:${site.serverName}`;
    for (const device of ['device_id', 'org.matrix.msc3202.device_id']) {
      assertJson(await bridge.call(CONFIG, { query: { user_id: userId, [device]: 'BRIDGE' } }));
      const query = site.homeserver.callsOf(bridge.account.token).at(-1)?.query;
      assert.equal(query?.get('user_id'), userId);
      assert.equal(query?.get('device_id') ?? query?.get('org.matrix.msc3202.device_id'), 'BRIDGE');
    }
  });

  it('passes on that an appservice may not act for somebody, or from some device', async () => {
    const bridge = site.user(site.homeserver.addAppservice('refused'));
    const uri = await site.user().upload('bytes');
    const uploads = [['POST', '/_matrix/media/v3/upload'], ['POST', '/_matrix/media/v1/create'], ['PUT', uploadPath(uri)]] as const;
    for (const [method, path] of [...uploads, ['GET', CONFIG], ['GET', downloadPath(uri)]] as const) {
      assertError(await bridge.call(path, { method, query: { user_id: `@someone:${site.serverName}` } }), 403, 'M_FORBIDDEN');
      assertError(await bridge.call(path, { method, query: { device_id: 'UNKNOWN' } }), 400, 'M_UNKNOWN_DEVICE');
    }
  });
}

function outages({ site }: System): void {
  const outage = async (manners: Manners): Promise<void> => {
    const [user, uploader] = [site.user(), site.user()];
    const uri = await uploader.upload('bytes');
    site.homeserver.manners = manners;
    try {
      for (const answer of await Promise.all([CONFIG, downloadPath(uri)].map((path) => user.call(path)))) {
        assert.ok(answer.status === 502 || answer.status === 503, `got ${answer.status} ${answer.body}`);
        assertError(answer, answer.status, 'M_UNKNOWN');
      }
    } finally {
      site.homeserver.manners = 'well';
    }
    assertBytes(await user.download(uri), Buffer.from('bytes'));
  };
  for (const manners of ['failing', 'babbling', 'hanging'] as const) {
    it(`never takes a homeserver that is ${manners} for a bad token, and asks again`, { timeout: 40_000 }, () => outage(manners));
  }

  it('never takes a homeserver that is gone for a bad token, and asks again', async () => {
    const user = site.user();
    await site.homeserver.close();
    try {
      const answer = await user.call(CONFIG);
      assert.ok(answer.status === 502 || answer.status === 503, `got ${answer.status} ${answer.body}`);
      assertError(answer, answer.status, 'M_UNKNOWN');
    } finally {
      await site.homeserver.open();
    }
    assertJson(await user.call(CONFIG));
  });

  it('goes on serving whom it knows while the homeserver is gone', async () => {
    const user = site.user();
    const uri = await user.upload('bytes');
    await site.homeserver.close();
    try {
      assertBytes(await user.download(uri), Buffer.from('bytes'));
    } finally {
      await site.homeserver.open();
    }
  });
}

function questions({ site }: System): void {
  it('asks once for calls that come together or soon after each other', async () => {
    const user = site.user();
    await Promise.all(Array.from({ length: 10 }, () => user.call(CONFIG)));
    for (let i = 0; i < 3; i += 1) assertJson(await user.call(CONFIG));
    assert.equal(site.homeserver.callsOf(user.account.token).length, 1);
  });

  it('asks for each user and each device of an appservice', async () => {
    const bridge = site.user(site.homeserver.addAppservice('each'));
    const [a, b] = [{ user_id: `@each_a:${site.serverName}` }, { user_id: `@each_b:${site.serverName}` }];
    const queries = [{}, a, b, { ...a, device_id: 'BRIDGE' }];
    for (const query of [...queries, ...queries]) assertJson(await bridge.call(CONFIG, { query }));
    assert.equal(site.homeserver.callsOf(bridge.account.token).length, queries.length);
  });

  it('does not believe for long that a token is bad', async () => {
    const account = site.homeserver.addUser();
    const { token } = account;
    site.homeserver.revoke(token);
    const user = site.user(account);
    assertError(await user.call(CONFIG), 401, 'M_UNKNOWN_TOKEN');
    assertError(await user.call(CONFIG), 401, 'M_UNKNOWN_TOKEN');
    assert.ok(site.homeserver.callsOf(token).length >= 1);
  });
}
