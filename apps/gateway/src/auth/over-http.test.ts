import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { startTestGateway, type TestGateway } from '../gateway.fixture.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const BYTES = Buffer.from('bytes');
const STORAGE = { locateBlob: async () => ({ sizeBytes: BYTES.byteLength, location: { $case: 'inline', value: BYTES } }) };

describe('tokens over HTTP', () => {
  let homeserver: FakeHomeserver;
  let gateway: TestGateway;
  beforeEach(async () => {
    homeserver = await FakeHomeserver.start('a.example');
  });
  afterEach(async () => {
    await gateway[Symbol.asyncDispose]();
    await homeserver[Symbol.asyncDispose]();
  });

  async function start(parts: object = {}, cache: object = {}): Promise<void> {
    gateway = await startTestGateway(STORAGE, { homeservers: [{ server_name: 'a.example', client_api: homeserver.url, ...parts }], cache, rate_limits: { enabled: false } });
  }

  function get(path: string, token?: string): Promise<Response> {
    return fetch(gateway.url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  }

  async function errorOf(response: Response): Promise<readonly unknown[]> {
    const { errcode } = await response.json() as Record<string, unknown>;
    return [response.status, errcode, response.headers.get('retry-after') !== null];
  }

  it('go on working for those who were known, and for nobody else, while the homeserver is away', async () => {
    await start({}, { token_lifetime: '1ms' });
    gateway.metadata.add('media', 'f'.repeat(64), BYTES.byteLength);
    const path = '/_matrix/client/v1/media/download/a.example/media';
    const { token } = homeserver.addUser();
    assert.equal((await get(path, token)).status, 200);
    await homeserver.close();
    for (let round = 0; round < 20; round += 1) {
      const known = await get(path, token);
      assert.deepEqual([known.status, await known.text()], [200, 'bytes']);
      assert.deepEqual(await errorOf(await get(path, `stranger${round}`)), [503, 'M_UNKNOWN', true]);
    }
    await homeserver.open();
    homeserver.revoke(token);
    await eventually(async () => assert.deepEqual(await errorOf(await get(path, token)), [401, 'M_UNKNOWN_TOKEN', false]));
  });

  it('that nobody knows are asked about once in a while, however often they come', async () => {
    await start();
    for (let round = 0; round < 50; round += 1) assert.deepEqual(await errorOf(await get(CONFIG, 'bad')), [401, 'M_UNKNOWN_TOKEN', false]);
    // within two seconds; this may take longer where there is much else to do
    assert.ok(homeserver.callsOf('bad').length < 10, String(homeserver.callsOf('bad').length));
  });

  it('may stand in the URL until the homeserver speaks v1.20', async () => {
    await start();
    const { token } = homeserver.addUser();
    assert.equal((await get(`${CONFIG}?access_token=${token}`)).status, 200);
    await gateway[Symbol.asyncDispose]();
    homeserver.versions = ['v1.19', 'v1.20'];
    await start();
    assert.deepEqual(await errorOf(await get(`${CONFIG}?access_token=${token}`)), [401, 'M_MISSING_TOKEN', false]);
    assert.equal((await get(`${CONFIG}?access_token=whatever`, token)).status, 200);
  });
});
