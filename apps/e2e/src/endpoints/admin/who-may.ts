import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manners } from '@medley/testing/fake-homeserver';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { ADMIN_ENDPOINTS } from '../endpoint-list.ts';
import { ADMIN, assertRefusal, newAdmin } from './admin-calls.ts';

const STATISTICS = `${ADMIN}/statistics/users/media`;

/** Who may call Synapse's admin API, and what its paths are. */
export function describeWhoMay(system: System): void {
  describe('the admin API', () => {
    requesters(system);
    outages(system);
    paths(system);
  });
}

function requesters({ site }: System): void {
  for (const { path, methods } of ADMIN_ENDPOINTS) {
    it(`refuses everybody but admins at ${methods.join(' and ')} ${path}, in Synapse’s words`, async () => {
      for (const method of methods) {
        const user = site.user();
        assertRefusal(await user.call(path, { method, token: undefined }), 401, 'M_MISSING_TOKEN', 'Missing access token');
        const unknown = assertError(await user.call(path, { method, token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
        assert.equal(unknown['error'], 'Invalid access token passed.');
        assertRefusal(await site.guest().call(path, { method }), 403, 'M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
        assertRefusal(await user.call(path, { method }), 403, 'M_FORBIDDEN', 'You are not a server admin');
      }
    });
  }

  it('asks the homeserver once while its answer is believed', async () => {
    const admin = newAdmin(site);
    for (let round = 0; round < 3; round += 1) assert.equal((await admin.call(STATISTICS)).status, 200);
    assert.deepEqual(site.homeserver.adminCalls.filter((path) => path.includes(admin.account.userId)), [`/_synapse/admin/v1/users/${admin.account.userId}/admin`]);
  });
}

function outages({ site }: System): void {
  const outage = async (manners: Manners): Promise<void> => {
    const admin = newAdmin(site);
    assert.equal((await admin.call('/_matrix/client/v1/media/config')).status, 200);
    site.homeserver.manners = manners;
    try {
      assertError(await admin.call(STATISTICS), 503, 'M_UNKNOWN');
    } finally {
      site.homeserver.manners = 'well';
    }
    assert.equal((await admin.call(STATISTICS)).status, 200);
  };
  for (const manners of ['failing', 'babbling'] as const) {
    it(`takes nobody’s rights away while the homeserver is ${manners}`, () => outage(manners));
  }
}

function paths({ site }: System): void {
  it('takes HEAD for GET', async () => {
    const answer = await newAdmin(site).call(STATISTICS, { method: 'HEAD' });
    assert.deepEqual([answer.status, answer.body.byteLength], [200, 0]);
  });

  for (const line of ['DELETE /media/e2e.example/delete', 'GET /media/e2e.example/delete', 'DELETE /media/protect/abc', 'GET /purge_media_cache', 'PUT /media/e2e.example/abc']) {
    it(`knows the path but not the method of ${line}`, async () => {
      const [method = '', path = ''] = line.split(' ');
      assertRefusal(await newAdmin(site).call(`${ADMIN}${path}`, { method }), 405, 'M_UNRECOGNIZED', 'Unrecognized request');
    });
  }

  for (const line of ['GET /media', 'POST /media/quarantine', 'POST /users/@a:e2e.example/media/quarantine', 'POST /media/protect/e2e.example/abc/more']) {
    it(`does not know ${line}`, async () => {
      const [method = '', path = ''] = line.split(' ');
      assertRefusal(await newAdmin(site).call(`${ADMIN}${path}`, { method }), 404, 'M_UNRECOGNIZED', 'Unrecognized request');
    });
  }

  it('does not answer below the old prefix of the client API', async () => {
    assertRefusal(await newAdmin(site).call('/_matrix/client/r0/admin/purge_media_cache', { method: 'POST' }), 404, 'M_UNRECOGNIZED', 'Unrecognized request');
  });

  it('decodes what a path names', async () => {
    const admin = newAdmin(site);
    const user = site.user();
    await user.upload('bytes');
    const encoded = encodeURIComponent(user.account.userId);
    assert.notEqual(encoded, user.account.userId);
    const answer = await admin.call(`${ADMIN}/users/${encoded}/media`);
    assert.equal(JSON.parse(answer.body.toString())['total'], 1);
  });
}
