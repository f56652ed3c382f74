import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { MedleyApi, type Json } from '../endpoints/medley/medley-api.ts';
import { assertError, assertJson } from '../harness/expect.ts';
import { startSystem } from '../harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const USAGE = '/_matrix/media/unstable/org.matrix.msc4034/usage';
const INFO_URI = 'https://e2e.example/limits';
const MIB = 2 ** 20;

const system = await startSystem('one-process', {
  config: {
    uploads: { max_bytes: 3000, denied_types: ['text/html'] },
    quotas: { max_bytes: 10 * MIB, info_uri: INFO_URI },
    policies: [
      { name: 'silent', users: ['@silent-*:e2e.example'], set: { uploads: { allowed: false } } },
      { name: 'painters', users: ['@painter-*'], set: { uploads: { max_bytes: 5000, max_pending: 1, allowed_types: ['image/*'] }, quotas: { max_files: 7 } } },
      { name: 'free', users: ['@free-*'], set: { quotas: { max_bytes: null }, rate_limits: { exempt: true } } },
    ],
  },
});
after(() => system[Symbol.asyncDispose]());
const { site } = system;
const { homeserver } = site;

let count = 0;
const someone = (kind: string) => site.user(homeserver.addUser(`${kind}-${count += 1}`));

describe('who may not upload', () => {
  it('is told so, whatever is uploaded, and by the size that is allowed', async () => {
    const user = someone('silent');
    assertError(await user.tryUpload('x'), 403, 'M_FORBIDDEN');
    assertError(await user.tryUpload(new Uint8Array(4000)), 403, 'M_FORBIDDEN');
    assertError(await user.tryCreate(), 403, 'M_FORBIDDEN');
    assert.equal(assertJson(await user.call(CONFIG))['m.upload.size'], 0);
  });
});

describe('sizes and types', () => {
  it('are those of the user', async () => {
    const [user, painter] = [someone('user'), someone('painter')];
    assertError(await user.tryUpload(new Uint8Array(3001)), 413, 'M_TOO_LARGE');
    assertJson(await painter.tryUpload(new Uint8Array(5000), { type: 'image/png' }));
    assertError(await painter.tryUpload(new Uint8Array(5001), { type: 'image/png' }), 413, 'M_TOO_LARGE');
    for (const type of ['text/plain', 'text/html']) assertError(await painter.tryUpload('x', { type }), 403, 'M_FORBIDDEN');
    assertError(await user.tryUpload('x', { type: 'TEXT/HTML; charset=utf-8' }), 403, 'M_FORBIDDEN');
    assertJson(await user.tryUpload('x', { type: 'text/plain' }));
  });

  it('are told by /config as they are kept', async () => {
    const { 'm.upload.size': size, 'org.matrix.msc4034.storage.size': storage, 'org.matrix.msc4034.storage.max_files': files } = assertJson(await someone('painter').call(CONFIG));
    assert.deepEqual([size, storage, files], [5000, 10 * MIB, 7]);
    const free = assertJson(await someone('free').call(CONFIG));
    assert.deepEqual([free['m.upload.size'], Object.keys(free).some((key) => key.includes('msc4034'))], [3000, false]);
  });

  it('are checked at a reserved media ID as well, of which the user may have so many', async () => {
    const painter = someone('painter');
    const pending = await painter.create();
    assertError(await painter.tryCreate(), 429, 'M_LIMIT_EXCEEDED');
    assertError(await painter.put(pending, 'x', { type: 'text/plain' }), 403, 'M_FORBIDDEN');
    assertJson(await painter.put(pending, 'x', { type: 'image/gif' }));
    await painter.create();
  });
});

describe('usage', () => {
  it('is told to the user, also as MSC4034 has it, and refused to others', async () => {
    const painter = someone('painter');
    await painter.upload('12345', { type: 'image/png' });
    await painter.upload('123', { type: 'image/png' });
    assert.deepEqual(assertJson(await painter.call(USAGE)), { 'org.matrix.msc4034.storage.used': 8, 'org.matrix.msc4034.storage.files': 2 });
    assert.deepEqual(await new MedleyApi(site, painter).call('medleyGetMyUsage'), {
      media_count: 2, media_bytes: 8, info_uri: INFO_URI, can_upgrade: false,
      limits: [{ window_ms: null, max_bytes: 10 * MIB, max_files: 7, bytes: 8, files: 2 }],
    });
    assert.deepEqual((await new MedleyApi(site, someone('free')).call('medleyGetMyUsage'))['limits'], []);
    assertError(await site.guest().call(USAGE), 403, 'M_GUEST_ACCESS_FORBIDDEN');
  });
});

describe('the explanation of a policy', () => {
  const explain = (userId: string, query = {}) => new MedleyApi(site).call('medleyGetPolicy', { params: { userId }, query });
  const settingOf = ({ settings }: Json, key: string): unknown => (settings as Json)[key];

  it('names the rule that decides each key, and what the user has', async () => {
    const painter = someone('painter');
    await painter.upload('12345', { type: 'image/png' });
    const policy = await explain(painter.account.userId);
    assert.deepEqual(settingOf(policy, 'uploads.max_bytes'), { value: 5000, rule: 'painters' });
    assert.deepEqual(settingOf(policy, 'uploads.allowed_types'), { value: ['image/*'], rule: 'painters' });
    assert.deepEqual(settingOf(policy, 'uploads.denied_types'), { value: ['text/html'], rule: null });
    assert.deepEqual(settingOf(policy, 'quotas.max_bytes'), { value: 10 * MIB, rule: null });
    assert.deepEqual((policy['usage'] as Json)['limits'], [{ window_ms: null, max_bytes: 10 * MIB, max_files: 7, bytes: 5, files: 1 }]);
  });

  it('says null where there is no limit', async () => {
    const policy = await explain('@free-x:e2e.example');
    assert.deepEqual(settingOf(policy, 'quotas.max_bytes'), { value: null, rule: 'free' });
    assert.deepEqual(settingOf(policy, 'rate_limits.factor'), { value: null, rule: 'free' });
  });

  it('is of users who are here', async () => {
    const api = new MedleyApi(site);
    assertError(await api.try('medleyGetPolicy', { params: { userId: '@a:elsewhere.example' } }), 404, 'M_NOT_FOUND');
    assertError(await api.try('medleyGetPolicy', { params: { userId: 'nobody' } }), 400, 'M_INVALID_PARAM');
  });
});
