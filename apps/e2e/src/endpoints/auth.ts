import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sendRaw } from '@medley/testing/raw-http';
import { assertError, assertJson } from '../harness/expect.ts';
import { ENDPOINTS } from './endpoint-list.ts';
import type { System } from '../harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const CLOSED = ENDPOINTS.filter(({ caller }) => caller !== 'anyone');

/** Who may call what (A1–A11, X5). */
export function describeAuth(system: System): void {
  describe('auth', () => {
    everyEndpoint(system);
    forms(system);
    beforeValidation(system);
    refusals(system);
  });
}

function everyEndpoint({ site }: System): void {
  for (const { path, methods: [method = ''], caller } of CLOSED) {
    it(`lets nobody ${method} ${path} without a good token`, async () => {
      const user = site.user();
      assertError(await user.call(path, { method, token: undefined }), 401, 'M_MISSING_TOKEN');
      assertError(await user.call(path, { method, token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
      assertError(await user.call(path, { method, token: undefined, query: { access_token: 'nobody' } }), 401, 'M_UNKNOWN_TOKEN');
    });

    it(`${caller === 'guest' ? 'lets' : 'does not let'} guests ${method} ${path}`, async () => {
      const answer = await site.guest().call(path, { method });
      if (caller !== 'guest') assertError(answer, 403, 'M_GUEST_ACCESS_FORBIDDEN');
      else assert.ok(answer.status !== 401 && answer.status !== 403, `got ${answer.status} ${answer.body}`);
    });
  }
}

function forms({ site }: System): void {
  it('takes a token in the query', async () => {
    const user = site.user();
    assertJson(await user.call(CONFIG, { token: undefined, query: { access_token: user.account.token } }));
  });

  it('refuses a token in the query beside one in the header, even the same', async () => {
    const user = site.user();
    const { status } = await user.call(CONFIG, { query: { access_token: user.account.token } });
    assert.equal(status, 401);
  });

  for (const value of ['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'X-Matrix origin=a,key=b,sig=c']) {
    it(`refuses Authorization: ${JSON.stringify(value)}`, async () => {
      const answer = await site.user().call(CONFIG, { token: undefined, headers: { authorization: value } });
      assert.equal(answer.status, 401, answer.body.toString());
    });
  }

  it('refuses two Authorization headers, even the same', async () => {
    const header = `Authorization: Bearer ${site.user().account.token}\r\n`;
    assert.equal((await sendRaw(site.ports.http, `GET ${CONFIG} HTTP/1.1\r\nHost: x\r\n${header}${header}\r\n`)).status, 401);
    assert.equal((await sendRaw(site.ports.http, `GET ${CONFIG} HTTP/1.1\r\nHost: x\r\n${header}\r\n`)).status, 200);
  });
}

function beforeValidation({ site }: System): void {
  const malformed = [
    'GET /_matrix/client/v1/media/download/e2e.example/a.b',
    'GET /_matrix/client/v1/media/download/bad_host!/%2e%2e',
    'GET /_matrix/client/v1/media/download/e2e.example/%zz',
    'GET /_matrix/client/v1/media/download/e2e.example/abc/%FF',
    'GET /_matrix/client/v1/media/download/e2e.example/abc?timeout_ms=x',
    'GET /_matrix/client/v1/media/thumbnail/e2e.example/abc',
    'GET /_matrix/client/v1/media/thumbnail/e2e.example/abc?width=-1&height=x&method=stretch',
    'PUT /_matrix/media/v3/upload/e2e.example/a.b',
    'POST /_matrix/media/v3/upload?filename=%FF',
  ];
  for (const line of malformed) {
    it(`asks who calls before it looks at ${line}`, async () => {
      const [method = '', path = ''] = line.split(' ');
      const user = site.user();
      assertError(await user.call(path, { method, token: undefined }), 401, 'M_MISSING_TOKEN');
      assertError(await user.call(path, { method, token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
    });
  }
}

function refusals({ site }: System): void {
  const answers: readonly (readonly [number, Readonly<Record<string, unknown>>])[] = [
    [401, { errcode: 'M_UNKNOWN_TOKEN', error: 'Expired', soft_logout: true }],
    [401, { errcode: 'M_USER_LOCKED', error: 'Locked', soft_logout: true }],
    [403, { errcode: 'M_USER_SUSPENDED', error: 'Suspended', 'org.example.why': { more: [1] } }],
  ];
  for (const [status, body] of answers) {
    it(`passes on all that the homeserver says with ${String(body['errcode'])}`, async () => {
      const answer = await site.user({ userId: '', token: site.homeserver.addRefused(status, body) }).call(CONFIG);
      assert.equal(answer.status, status);
      assert.deepEqual(JSON.parse(answer.body.toString()), body);
    });
  }

  it('passes on when the homeserver wants to be asked again', async () => {
    const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'Too fast', retry_after_ms: 7000 };
    const token = site.homeserver.addRefused(429, body, { 'retry-after': '7' });
    const answer = await site.user({ userId: '', token }).call(CONFIG);
    assert.deepEqual([answer.status, answer.headers['retry-after'], JSON.parse(answer.body.toString())], [429, '7', body]);
  });
}
