import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { serveGrpc } from '@medley/grpc/server';
import { ThumbnailServiceDefinition, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { authorize, startFederation, URI } from './federation.fixture.ts';
import { startTestGateway, TOKEN, withoutOthers, type TestGateway } from './gateway.fixture.ts';

const AUTHORIZATION = `Bearer ${TOKEN}`;

async function ask(gateway: TestGateway, path: string, authorization = AUTHORIZATION): Promise<Response> {
  return fetch(`${gateway.url}/_matrix/client/v1/media${path}`, { headers: { authorization } });
}

describe('a request beyond its limits', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startTestGateway({}, { rate_limits: { other: { per_user: { per_second: 0.1, burst: 5 } }, bad_tokens: { per_address: { per_second: 0.1, burst: 3 } } } });
  });
  afterEach(() => gateway[Symbol.asyncDispose]());

  async function statuses(count: number): Promise<readonly number[]> {
    return Promise.all(Array.from({ length: count }, async () => (await ask(gateway, '/config')).status));
  }

  it('is told when to come again, so that a browser can read it', async () => {
    assert.deepEqual(await statuses(5), [200, 200, 200, 200, 200]);
    const refused = await ask(gateway, '/config');
    const body = await refused.json() as Record<string, unknown>;
    const retryAfterMs = Number(body['retry_after_ms']);
    assert.deepEqual([refused.status, body['errcode'], body['error']], [429, 'M_LIMIT_EXCEEDED', 'Too Many Requests']);
    assert.ok(retryAfterMs > 5000 && retryAfterMs <= 10_000, String(retryAfterMs));
    assert.equal(refused.headers.get('retry-after'), String(Math.ceil(retryAfterMs / 1000)));
    assert.match(refused.headers.get('access-control-expose-headers') ?? '', /Retry-After/);
  });

  it('is refused by the gateway’s own count while metadata can’t be asked', async () => {
    await gateway.stopMetadata();
    const some = await statuses(20);
    assert.deepEqual([some.filter((status) => status === 200).length, some.filter((status) => status === 429).length], [5, 15]);
    await gateway.startMetadata();
  });

  it('with bad tokens is refused, and good ones from the same address are heard', async () => {
    assert.equal((await ask(gateway, '/config')).status, 200);
    for (let count = 0; count < 4; count += 1) await ask(gateway, '/config', `Bearer bad-${count}`);
    await eventually(async () => assert.equal((await ask(gateway, '/config', 'Bearer another')).status, 429));
    assert.equal((await ask(gateway, '/config')).status, 200);
  });
});

describe('another server beyond its limits', () => {
  it('is refused, also before it has shown who it is', async () => {
    for (const rates of [{ per_server: { per_second: 0.1, burst: 2 } }, { per_address: { per_second: 0.1, burst: 2 } }]) {
      await using scene = await startFederation({ config: { rate_limits: { federation: rates } } });
      const answers = await Promise.all(Array.from({ length: 5 }, () => scene.get(URI, authorize())));
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 200, 429, 429, 429]);
    }
  });

  it('can’t make one address look up the keys of more and more servers', async () => {
    await using scene = await startFederation({ config: { rate_limits: { key_lookups: { per_address: { per_second: 0.1, burst: 3 } } } } });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => scene.get(URI, authorize({ origin: `s${index}.example` }))));
    assert.deepEqual([scene.asked.length, answers.filter(({ status }) => status === 429).length], [3, 7]);
  });

  it('is heard while servers that hang are looked up for another address', async () => {
    await using scene = await startFederation({ config: { listen: { port: 0, trusted_hops: 1 }, rate_limits: { key_lookups: { at_once: 2 } } } });
    const { getServerKeys } = scene;
    const { promise: hanging, resolve } = Promise.withResolvers<never>();
    scene.getServerKeys = (request, context) => request.serverName.startsWith('hangs') ? hanging : getServerKeys(request, context);
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const stuck = Array.from({ length: 5 }, (_, index) => scene.get(URI, authorize({ origin: `hangs${index}.example` }), from('192.0.2.1')));
    const refused = await Promise.race([...stuck]);
    assert.equal(refused.status, 429);
    assert.equal((await scene.get(URI, authorize(), from('192.0.2.2'))).status, 200);
    assert.equal(scene.asked.filter(({ serverName }) => serverName.startsWith('hangs')).length, 2);
    resolve(Promise.reject(new MediaError('FETCH_FAILED', 'gave up')) as never);
    await Promise.all(stuck);
  });
});

describe('thumbnails of one user', () => {
  const OTHER_TOKEN = 'other-token';

  /** A gateway whose first user's thumbnails are made only once they are let go, and another's at once; and the digests whose thumbnails were asked for. */
  async function setUp(listen: object) {
    await using stack = new AsyncDisposableStack();
    const asked: string[] = [];
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const getThumbnail = async ({ sourceDigest }: { readonly sourceDigest?: string | undefined }): Promise<GetThumbnailResponse> => {
      asked.push(sourceDigest ?? '');
      if (sourceDigest?.startsWith('e') !== true) await opened;
      return { contentType: 'image/png', version: '1', sizeBytes: 1, body: { $case: 'inline', value: Buffer.from('x') }, derivation: undefined } as never; // what else it may say is not read
    };
    const server = await serveGrpc({ service: ThumbnailServiceDefinition, implementation: withoutOthers(ThumbnailServiceDefinition, { getThumbnail }), listen: '127.0.0.1:0', ...quietTelemetry() });
    stack.defer(() => server.stop(0));
    const users = [[TOKEN, '@x:a.example'], [OTHER_TOKEN, '@y:a.example']].map(([token, user_id]) => ({ token, user_id }));
    // however slow the machine is: this is not about what is shed then
    const gateway = stack.use(await startTestGateway({}, { listen: { port: 0, max_delay: 0, ...listen }, grpc: { thumbnail: server.address }, homeservers: [{ server_name: 'a.example', static_tokens: users }] }));
    for (let index = 0; index < 200; index += 1) gateway.metadata.add(`x${index}`, index.toString(16).padStart(64, '0'), 1);
    gateway.metadata.add('y', 'e'.repeat(64), 1);
    const thumbnail = (mediaId: string, token: string) => ask(gateway, `/thumbnail/a.example/${mediaId}?width=32&height=32`, `Bearer ${token}`);
    const owned = stack.move();
    return {
      asked, open,
      askForMany: (count: number, first = 0) => Array.from({ length: count }, (_, index) => thumbnail(`x${first + index}`, TOKEN)),
      askOther: async () => (await thumbnail('y', OTHER_TOKEN)).status,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  }

  async function statusesOf(answers: readonly Promise<Response>[]): Promise<ReadonlySet<number>> {
    return new Set((await Promise.all(answers)).map(({ status }) => status));
  }

  it('wait for each other, and not others’ for them', async () => {
    await using scene = await setUp({});
    const waiting = scene.askForMany(200);
    await eventually(() => assert.equal(scene.asked.length, 4));
    assert.equal(await scene.askOther(), 200);
    assert.equal(scene.asked.length, 5, 'and no more of the first user’s are under way');
    scene.open();
    assert.deepEqual(await statusesOf(waiting), new Set([200]));
  });

  it('take nothing of the room for others’ work while they wait', async () => {
    await using scene = await setUp({ max_requests: 40 });
    const waiting = scene.askForMany(30); // three quarters of 40 may be worked on
    await eventually(() => assert.equal(scene.asked.length, 4));
    await eventually(async () => assert.equal(await scene.askOther(), 200));
    scene.open();
    assert.deepEqual(await statusesOf(waiting), new Set([200]));
  });

  it('are refused beyond the requests that there may be, whether they wait or not', async () => {
    await using scene = await setUp({ max_requests: 40 });
    const waiting = scene.askForMany(30);
    await eventually(() => assert.equal(scene.asked.length, 4));
    await eventually(async () => assert.equal(await scene.askOther(), 200));
    const statuses: number[] = [];
    const more = scene.askForMany(20, 30).map(async (answer) => void statuses.push((await answer).status));
    await eventually(() => assert.ok(statuses.length >= 14, String(statuses.length))); // a tenth of 40 is for others
    assert.deepEqual(new Set(statuses), new Set([503]));
    scene.open();
    await Promise.all(more);
    assert.deepEqual(await statusesOf(waiting), new Set([200]));
  });
});
