import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { serveGrpc } from '@medley/grpc/server';
import { FederationFetchServiceDefinition, type FetchMediaRequest, type FetchMediaResponse, type StoredMedia } from '@medley/proto/federation-fetch';
import type { LocateBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startTestGateway, TOKEN, withoutOthers, type TestGateway } from './gateway.fixture.ts';
import { startScanner } from './scanning/scanner.fixture.ts';

const BYTES = randomBytes(300_000);
const SMALL = Buffer.from('small');

type FetchMedia = (request: FetchMediaRequest) => AsyncGenerator<FetchMediaResponse>;

interface Scene extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** What federation-fetch was asked. */
  readonly requests: readonly FetchMediaRequest[];
  /** Which stores were looked into. */
  readonly stores: readonly (string | undefined)[];
  /** How often it was asked for a whole media, not only for bytes of it. */
  fillCount(): number;
  download(query?: string): Promise<Response>;
  thumbnail(): Promise<Response>;
}

/** A gateway between fakes, of which federation-fetch answers like this. */
async function setUp(fetchMedia: FetchMedia, config: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const requests: FetchMediaRequest[] = [];
  const answer: FetchMedia = (request) => {
    requests.push(request);
    return fetchMedia(request);
  };
  const implementation = withoutOthers(FederationFetchServiceDefinition, { fetchMedia: answer });
  const server = await serveGrpc({ service: FederationFetchServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => server.stop(0));
  const stores: (string | undefined)[] = [];
  const locateBlob = async ({ key }: LocateBlobRequest) => {
    stores.push(key?.store);
    return { sizeBytes: SMALL.byteLength, location: { $case: 'inline', value: SMALL } };
  };
  const gateway = opened.use(await startTestGateway({ locateBlob }, { grpc: { federation_fetch: server.address }, federation: { timeout: '300ms' }, ...config }));
  const owned = opened.move();
  const get = (path: string): Promise<Response> => fetch(`${gateway.url}/_matrix/client/v1/media/${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return {
    gateway,
    requests,
    stores,
    fillCount: () => requests.filter(({ span }) => span === undefined).length,
    download: (query = '') => get(`download/b.example/media${query}`),
    thumbnail: () => get('thumbnail/b.example/media?width=32&height=32'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function header(sizeBytes?: number): FetchMediaResponse {
  return { part: { $case: 'header', value: { contentType: 'text/plain', uploadName: undefined, sizeBytes } } };
}

function stored(bytes: Uint8Array): { readonly part: { readonly $case: 'stored'; readonly value: StoredMedia } } {
  return { part: { $case: 'stored', value: { digest: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.byteLength } } };
}

/** Says all of it, and the bytes if they are asked for. */
async function* sayAll(bytes: Buffer, { span }: FetchMediaRequest, sizeBytes: number | undefined = bytes.byteLength): AsyncGenerator<FetchMediaResponse> {
  yield header(sizeBytes);
  if (span !== undefined) yield { part: { $case: 'chunk', value: bytes } };
  yield stored(bytes);
}

async function assertErrcode(answer: Response, status: number, errcode: string): Promise<void> {
  assert.deepEqual([answer.status, (await answer.json() as { errcode: string }).errcode], [status, errcode]);
}

describe('remote media', () => {
  it('is fetched once for all who ask at once, until its record is there', async () => {
    const recording = Promise.withResolvers<void>();
    await using scene = await setUp((request) => sayAll(SMALL, request));
    const { metadata } = scene.gateway;
    const record = metadata.recordRemoteMedia;
    metadata.recordRemoteMedia = async (request) => {
      await recording.promise;
      return record(request);
    };
    const early = [scene.download(), scene.download()];
    await eventually(() => assert.ok(scene.fillCount() > 0));
    const late = scene.download();
    recording.resolve();
    for (const answer of await Promise.all([...early, late])) assert.equal(await answer.text(), 'small');
    assert.equal(scene.fillCount(), 1);
    assert.equal(await (await scene.download()).text(), 'small');
    assert.equal(scene.fillCount(), 1);
  });

  it('is kept in the store that all share, also for a user whose tenant has its own, and is read from there', async () => {
    const homeservers = [{ server_name: 'a.example', storage: { path: '/nowhere' }, static_tokens: [{ token: TOKEN, user_id: '@u:a.example' }] }];
    await using scene = await setUp((request) => sayAll(SMALL, request), { homeservers });
    assert.equal(await (await scene.download()).text(), 'small');
    assert.equal(scene.gateway.metadata.records.get('media')?.content?.store, '');
    assert.deepEqual(scene.stores, ['']);
  });

  it('is not there if what was fetched does not end as it must', async () => {
    await using scene = await setUp(async function* cutOff() {
      yield header(SMALL.byteLength);
    });
    await assertErrcode(await scene.download(), 502, 'M_UNKNOWN');
    assert.equal(scene.gateway.metadata.records.size, 0);
  });

  it('does not end well for a reader whose bytes are others than those recorded', async () => {
    const others = randomBytes(BYTES.byteLength);
    for (const sizeBytes of [BYTES.byteLength, undefined]) {
      await using scene = await setUp((request) => sayAll(request.span === undefined ? BYTES : others, request, sizeBytes));
      await assert.rejects(scene.download().then((answer) => {
        assert.equal(answer.status, 200);
        return answer.arrayBuffer();
      }));
    }
  });

  it('is not fetched while there is too much of it, and what is here is served', async () => {
    await using scene = await setUp((request) => sayAll(SMALL, request));
    const { metadata } = scene.gateway;
    metadata.remoteBytes = 23 * 2 ** 30;
    await assertErrcode(await scene.download(), 507, 'M_UNKNOWN');
    assert.equal(scene.requests.length, 0);
    await metadata.recordRemoteMedia({ key: { origin: 'b.example', mediaId: 'media' }, content: { digest: 'd'.repeat(64), sizeBytes: SMALL.byteLength, contentType: 'text/plain', frozen: true, store: '' } });
    assert.equal((await scene.download()).status, 200);
  });

  it('is not fetched while the scanner that has to examine it is known to be away, and what is here is served', async () => {
    await using scanner = await startScanner();
    await scanner.stop();
    await using scene = await setUp((request) => sayAll(SMALL, request), { content_scanner: { address: scanner.address } });
    // each asks for its name, and to be examined: three failures are a rest
    for (let fetched = 1; fetched <= 2; fetched += 1) {
      assert.equal((await scene.download()).status, 503);
      assert.equal(scene.fillCount(), fetched);
    }
    const refused = await scene.download();
    assert.deepEqual([refused.status, refused.headers.has('retry-after'), scene.fillCount()], [503, true, 2]);
    scene.gateway.metadata.add('media', 'd'.repeat(64), SMALL.byteLength);
    assert.equal(await (await scene.download()).text(), 'small');
  });

  it('is never begun anew for a reader, since only what is to be recorded is counted', async () => {
    await using scene = await setUp((request) => sayAll(BYTES, request));
    assert.deepEqual(Buffer.from(await (await scene.download()).arrayBuffer()), BYTES);
    assert.deepEqual(scene.requests.map(({ span, onlyJoins }) => [span !== undefined, onlyJoins]), [[false, false], [true, true]]);
  });

  it('costs its asker nothing where its thumbnail does not come', async () => {
    const refuse = ({ thumbnail }: FetchMediaRequest): never => {
      throw new MediaError(thumbnail === undefined ? 'REMOTE_TOO_LARGE' : 'FETCH_FAILED', 'no');
    };
    const limits = { thumbnails: { max_source_bytes: '1MB' }, rate_limits: { remote_download: { per_user: { burst: '3MB', bytes_per_second: 1 } } } };
    await using scene = await setUp(refuse, limits);
    for (let count = 0; count < 4; count += 1) await assertErrcode(await scene.thumbnail(), 502, 'M_UNKNOWN');
  });

  it('may be fetched again and again for one who asks, as long as it is not all at once', async () => {
    await using scene = await setUp(({ thumbnail }) => {
      throw new MediaError(thumbnail === undefined ? 'REMOTE_TOO_LARGE' : 'FETCH_FAILED', 'no');
    });
    for (let count = 0; count < 51; count += 1) await assertErrcode(await scene.thumbnail(), 502, 'M_UNKNOWN');
  });

  it('is unavailable while federation-fetch is', async () => {
    await using scene = await setUp(() => {
      throw new MediaError('SERVICE_UNAVAILABLE', 'gone');
    });
    await assertErrcode(await scene.download(), 503, 'M_UNKNOWN');
  });
});

describe('remote media that is not uploaded yet', () => {
  it('is asked for again by who waits for longer than whoever asked first', async () => {
    const first = Promise.withResolvers<void>();
    await using scene = await setUp(async function* laterHere(request) {
      if (request.waitMs > 5000) return yield* sayAll(SMALL, request);
      await first.promise;
      throw new MediaError('NOT_YET_UPLOADED', 'Media has not been uploaded yet');
    });
    const impatient = scene.download('?timeout_ms=1');
    await eventually(() => assert.equal(scene.fillCount(), 1));
    const patient = scene.download('?timeout_ms=10000');
    // it has joined when its look-up is over
    await eventually(() => assert.ok(scene.gateway.metadata.lookups >= 2));
    first.resolve();
    await assertErrcode(await impatient, 504, 'M_NOT_YET_UPLOADED');
    assert.equal(await (await patient).text(), 'small');
    assert.equal(scene.fillCount(), 2);
  });

  it('does not keep anybody for longer who waits for less', { timeout: 10_000 }, async () => {
    const uploaded = Promise.withResolvers<void>();
    await using scene = await setUp(async function* slow(request) {
      await uploaded.promise;
      yield* sayAll(SMALL, request);
    });
    const patient = scene.download('?timeout_ms=60000');
    await eventually(() => assert.equal(scene.fillCount(), 1));
    await assertErrcode(await scene.download('?timeout_ms=0'), 504, 'M_NOT_YET_UPLOADED');
    uploaded.resolve();
    assert.equal(await (await patient).text(), 'small');
  });
});
