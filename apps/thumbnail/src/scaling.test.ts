import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { StorageServiceDefinition, type PutBlobRequest } from '@medley/proto/storage';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import type { RunningService } from '@medley/runtime/running-service';
import { createMetrics } from '@medley/telemetry/metrics';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { makeTempDir } from '@medley/testing/temp-dir';
import { startThumbnail } from './app.ts';
import { paintScene } from './testing/scene.ts';
import { startStorageProcess, toConfig } from './testing/storage-process.ts';

type Rpc<Service extends typeof StorageServiceDefinition | typeof ThumbnailServiceDefinition> = ConnectedClient<Service>['rpc'];

describe('two thumbnail services on one store', () => {
  const opened = new AsyncDisposableStack();
  const metrics = [createMetrics(), createMetrics()];
  let storage: Rpc<typeof StorageServiceDefinition>;
  let thumbnail: Rpc<typeof ThumbnailServiceDefinition>;
  const scrapers: string[] = [];
  let painted = 0;

  before(async () => {
    const { path } = opened.use(await makeTempDir());
    opened.use(await startStorageProcess(path));
    const config = await toConfig(path, { slots: 2 });
    const services: RunningService[] = [];
    for (const { meter, scrape } of metrics) {
      const scraper = createServer(scrape).listen(0, '127.0.0.1');
      opened.defer(() => void scraper.close().closeAllConnections());
      await once(scraper, 'listening');
      scrapers.push(`http://127.0.0.1:${(scraper.address() as AddressInfo).port}`);
      const service = await startThumbnail({ config: { ...config, grpc: { ...config.grpc, listen: '127.0.0.1:0' } }, log: quietTelemetry().log, meter });
      opened.defer(() => service.stop(5000));
      services.push(service);
    }
    const { token } = config.grpc;
    const address = `ipv4:${services.map(({ addresses }) => addresses['grpc']).join(',')}`;
    storage = opened.adopt(connectService(StorageServiceDefinition, { address: config.grpc.storage, token }), (client) => client.close()).rpc;
    thumbnail = opened.adopt(connectService(ThumbnailServiceDefinition, { address, token, timeoutMs: 60_000 }), (client) => client.close()).rpc;
  });
  after(() => opened.disposeAsync());

  it('are both called once the client has connected to both', async () => {
    await eventually(async () => {
      await ask(await putImage(64, 48));
      assert.ok((await countJobs()).every((jobs) => jobs > 0));
    });
  });

  it('divide the work', async (t: TestContext) => {
    const sources = await Promise.all(Array.from({ length: 12 }, () => putImage(320, 200)));
    const before = await countJobs();
    await Promise.all(sources.map(ask));
    // a job is counted right after its answer
    const [one = 0, other = 0] = await eventually(async () => {
      const jobs = (await countJobs()).map((count, at) => count - (before[at] ?? 0));
      assert.equal(jobs.reduce((sum, count) => sum + count, 0), 12);
      return jobs;
    });
    t.diagnostic(`${one} and ${other} of 12 jobs`);
    assert.ok(Math.min(one, other) >= 4);
  });

  it('decode a hot image at most once each, to the same bytes, and then never again', async (t: TestContext) => {
    const source = await putImage(1600, 1200);
    const before = await countJobs();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(source)));
    await Promise.all(Array.from({ length: 10 }, () => ask(source)));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    const jobs = (await countJobs()).map((count, at) => count - (before[at] ?? 0));
    t.diagnostic(`${jobs.join(' and ')} decodes for 50 requests`);
    assert.ok(jobs.every((count) => count <= 1), jobs.join());
  });

  async function putImage(width: number, height: number): Promise<string> {
    painted += 1;
    const bytes = await paintScene({ width: width + painted, height }).removeAlpha().jpeg().toBuffer();
    const { blob } = await storage.putBlob(toParts(bytes));
    return blob?.digest ?? assert.fail('not stored');
  }

  function ask(sourceDigest: string): Promise<GetThumbnailResponse> {
    return thumbnail.getThumbnail({ sourceDigest, store: COMMON_STORE, spec: { width: 320, height: 240, method: ThumbnailMethod.SCALE, animated: false } });
  }

  async function countJobs(): Promise<readonly number[]> {
    const pages = await Promise.all(scrapers.map(async (url) => (await fetch(url)).text()));
    return pages.map((page) => Number(/^medley_thumbnail_job_duration\S*_count\{.*outcome="done".*\} (\d+)/m.exec(page)?.[1] ?? 0));
  }
});

async function* toParts(bytes: Buffer): AsyncGenerator<PutBlobRequest> {
  yield { part: { $case: 'header', value: { maxBytes: 2 ** 30, derivedKey: undefined, store: COMMON_STORE } } };
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield { part: { $case: 'chunk', value: bytes.subarray(at, at + 65_536) } };
  yield { part: { $case: 'trailer', value: { sizeBytes: bytes.byteLength } } };
}
