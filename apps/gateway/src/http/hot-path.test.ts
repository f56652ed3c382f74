import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { resolveConfig } from '@medley/config/load';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { TokenCheck } from '../auth/token-check.ts';
import { KnownChanges } from '../cache/known-changes.ts';
import { Tenants } from '../tenants.ts';
import { makeLimits } from '../limits/limits.fixture.ts';
import { AccessMarks } from '../usecases/mark-accessed.ts';
import { HotPath } from './hot-path.ts';

const URL_PATH = '/_matrix/client/v1/media/download/a.example/x';
const BODY = Buffer.from('hot bytes');

describe('the hot path', () => {
  /** Answers 299 to all that the hot path leaves to others. */
  let port = 0;
  let hot: HotPath;
  let accesses: AccessMarks;
  let limits: Awaited<ReturnType<typeof makeLimits>>;
  const clock = { ms: 0 };
  let server: ReturnType<typeof createServer>;
  const told: string[] = [];
  let nowMs = 0;
  const marked: string[] = [];
  const changes = new KnownChanges({ maxStaleMs: 1000, now: () => nowMs });
  const sighting = { name: 'mxc://a.example/x', digest: 'd', asOf: 0 };
  before(async () => {
    const homeservers = ['a.example', 'b.example'].map((server_name) => {
      return { server_name, static_tokens: [{ token: `token-of-${server_name}`, user_id: `@u:${server_name}` }] };
    });
    const config = await resolveConfig({ homeservers }, {});
    changes.hear({ position: 1, changes: [] });
    const metadata = { markAccessed: async ({ accesses }: { accesses?: readonly { key?: { mediaId?: string } | undefined }[] }) => {
      marked.push(...(accesses ?? []).map(({ key }) => key?.mediaId ?? ''));
      return {};
    } };
    accesses = new AccessMarks(metadata, quietTelemetry().log);
    limits = await makeLimits({ rate_limits: { download: { per_user: { burst: 1000 } } } }, clock);
    const gatekeepers = { limits, changes, accesses, tenants: new Tenants(config.homeservers), tokens: new TokenCheck({ ...config.cache, token_lifetime: 1000 }), config };
    hot = new HotPath(100_000);
    for (const host of ['a.example', 'b.example']) {
      await gatekeepers.tokens.check(gatekeepers.tenants.ofHost(host), `token-of-${host}`, { userId: undefined, deviceId: undefined });
    }
    server = createServer((request, response) => {
      const isAnswered = hot.answer(gatekeepers, request, response, ({ operation }) => void told.push(operation));
      if (isAnswered) return;
      const answer = { tenant: gatekeepers.tenants.ofHost('a.example'), operation: 'getContentAuthed', headers: ['ETag', '"e"', 'Content-Length', '9'], body: BODY, sighting };
      if (request.headers['x-keep'] !== undefined) hot.keep(request, answer);
      response.writeHead(299).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    await get({ headers: { 'x-keep': '1', authorization: 'Bearer token-of-a.example' } });
  });
  after(async () => {
    server.close();
    limits[Symbol.dispose]();
    await accesses[Symbol.asyncDispose]();
  });

  async function get(options: RequestOptions, path = URL_PATH): Promise<{ status: number | undefined; response: IncomingMessage; body: Buffer }> {
    const sent = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options, headers: { host: 'a.example', ...options.headers } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));
    return { status: response.statusCode, response, body };
  }
  const good = { authorization: 'Bearer token-of-a.example' };

  it('notes that the media was asked for', async () => {
    marked.length = 0;
    assert.equal((await get({ headers: good })).status, 200);
    await accesses.flush(AbortSignal.timeout(5000));
    assert.deepEqual(marked, ['x']);
  });

  it('gives the whole answer again, and tells the access log', async () => {
    told.length = 0;
    const { status, response, body } = await get({ headers: good });
    assert.equal(status, 200);
    assert.deepEqual(body, BODY);
    assert.equal(response.headers['etag'], '"e"');
    assert.match(String(response.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(told, ['getContentAuthed']);
  });

  const left: [string, RequestOptions, string?][] = [
    ['no token', {}],
    ['an unknown token', { headers: { authorization: 'Bearer nobody' } }],
    ['another tenant’s token', { headers: { authorization: 'Bearer token-of-b.example' } }],
    ['another tenant’s host', { headers: { host: 'b.example', authorization: 'Bearer token-of-b.example' } }],
    ['an unknown host', { headers: { host: 'c.example', ...good } }],
    ['two tokens', { headers: { authorization: ['Bearer token-of-a.example', 'Bearer token-of-a.example'] as unknown as string } }],
    ['another scheme', { headers: { authorization: 'Basic token-of-a.example' } }],
    ['a range', { headers: { ...good, range: 'bytes=0-1' } }],
    ['a condition', { headers: { ...good, 'if-none-match': '"e"' } }],
    ['a body', { headers: { ...good, 'content-length': '0' } }],
    ['a HEAD', { method: 'HEAD', headers: good }],
    ['a POST', { method: 'POST', headers: good }],
    ['another path', { headers: good }, `${URL_PATH}y`],
    ['a query', { headers: good }, `${URL_PATH}?user_id=@x:a.example`],
  ];
  for (const [what, options, path] of left) {
    it(`leaves a request with ${what} to others`, async () => assert.equal((await get(options, path)).status, 299));
  }

  it('keeps thumbnails apart by the format that Accept chooses, and nothing else by Accept', async () => {
    const path = '/_matrix/client/v1/media/thumbnail/a.example/x?width=32&height=32';
    await get({ headers: { 'x-keep': '1', 'accept': 'image/webp', ...good } }, path);
    const asked = async (accept: string, of = path): Promise<number | undefined> => (await get({ headers: { accept, ...good } }, of)).status;
    assert.deepEqual([await asked('image/webp'), await asked('image/png, image/webp;q=0.5')], [200, 200]);
    assert.deepEqual([await asked('*/*'), await asked('image/avif'), await asked('image/webp', `${path}&animated=true`)], [299, 299, 299]);
    assert.equal(await asked('image/webp', URL_PATH), 200);
  });

  for (const query of ['?access_token=token-of-a.example', '?access%5Ftoken=x', '?user_id=u', '?user%5Fid=u', '?device_id=D', '?width=1&access_token=x', '?admin_unsafely_bypass_quarantine=true']) {
    it(`keeps nothing that was asked for with ${query.split('=')[0]}`, async () => {
      await get({ headers: { 'x-keep': '1', ...good } }, URL_PATH + query);
      assert.equal((await get({ headers: good }, URL_PATH + query)).status, 299);
    });
  }

  it('leaves a user who may ask for no more right now to others, until he may', async () => {
    const statuses: (number | undefined)[] = [];
    await eventually(async () => {
      statuses.push((await get({ headers: good })).status);
      assert.equal(statuses.at(-1), 299);
    }, 10_000, 0);
    assert.ok(statuses.length > 5 && statuses.slice(0, -1).every((status) => status === 200), statuses.join());
    clock.ms += 10_000;
    await eventually(async () => assert.equal((await get({ headers: good })).status, 200));
  });

  it('leaves what was not heard of for too long to others, until something is heard', async () => {
    nowMs = 1001;
    assert.equal((await get({ headers: good })).status, 299);
    changes.hear({ position: 1, changes: [] });
    assert.equal((await get({ headers: good })).status, 200);
  });

  it('leaves what something has happened to for others', async () => {
    for (const subject of [{ $case: 'digest', value: 'other' }, { $case: 'digest', value: 'd' }] as const) {
      assert.equal((await get({ headers: good })).status, 200);
      changes.hear({ position: 2, changes: [{ sequence: 2, kind: ChangeKind.QUARANTINED, subject, by: '', atMs: 0, store: '' }] });
    }
    assert.equal((await get({ headers: good })).status, 299);
  });
});
