import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveConfig } from '@medley/config/load';
import { MediaError, isReason } from '@medley/domain/media-error';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { ContentScannerServiceDefinition, type ScanRequest } from '@medley/proto/content-scanner';
import { eventually } from '@medley/testing/eventually';
import { EICAR, FakeClamd, VERSION, type FakeClamdOptions } from '@medley/testing/fake-clamd';
import { quietTelemetry } from '@medley/testing/telemetry';
import { makeTempDir } from '@medley/testing/temp-dir';
import { startClamavScanner } from './app.ts';

const SUBJECT = { digest: '0'.repeat(64), sizeBytes: 0, contentType: 'text/plain', origin: 'a.example' };

interface Scene extends AsyncDisposable {
  readonly clamd: FakeClamd;
  readonly address: string;
  readonly rpc: ConnectedClient<typeof ContentScannerServiceDefinition>['rpc'];
  readonly readiness: () => Promise<readonly string[]>;
}

async function startScene(options: FakeClamdOptions = {}, raw: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const clamd = opened.use(await FakeClamd.start(options));
  const config = await resolveConfig({
    homeservers: [{ server_name: 'a.example' }], grpc: { listen: '127.0.0.1:0' }, content_scanner: { address: 'unused', token: 'secret' }, clamav: { address: clamd.address, ...raw },
  }, {});
  const service = await startClamavScanner({ config, ...quietTelemetry() });
  opened.defer(() => service.stop(0));
  const address = service.addresses['grpc'] ?? '';
  const client = connectService(ContentScannerServiceDefinition, { address, token: 'secret' });
  opened.defer(() => client.close());
  const owned = opened.move();
  return { clamd, address, rpc: client.rpc, readiness: service.readiness, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function* send(chunks: Iterable<Buffer> | AsyncIterable<Buffer>, end?: number): AsyncGenerator<ScanRequest> {
  yield { part: { $case: 'subject', value: SUBJECT } };
  let totalBytes = 0;
  for await (const chunk of chunks) {
    totalBytes += chunk.byteLength;
    yield { part: { $case: 'chunk', value: chunk } };
  }
  yield { part: { $case: 'end', value: { totalBytes: end ?? totalBytes } } };
}

describe('a scanner that asks clamd', () => {
  it('finds EICAR, wherever it is cut, and nothing in other files, large and empty ones', async () => {
    await using scene = await startScene();
    const whole = Buffer.from(`before ${EICAR} after`);
    for (let cut = 1; cut < whole.byteLength; cut += 17) {
      const { isClean, finding } = await scene.rpc.scan(send([whole.subarray(0, cut), Buffer.alloc(0), whole.subarray(cut)]));
      assert.deepEqual([isClean, finding], [false, 'Win.Test.EICAR_HDB-1']);
    }
    assert.deepEqual(await scene.rpc.scan(send([])), { isClean: true, finding: '' });
    const large = Array.from({ length: 160 }, () => Buffer.alloc(65_536, 'x'));
    assert.deepEqual(await scene.rpc.scan(send(large)), { isClean: true, finding: '' });
    assert.equal(scene.clamd.scanned.at(-1), 160 * 65_536);
  });

  it('speaks to it over a socket in the file system as well', async () => {
    await using folder = await makeTempDir();
    await using scene = await startScene({ listen: join(folder.path, 'clamd.ctl') });
    assert.equal((await scene.rpc.scan(send([Buffer.from(EICAR)]))).isClean, false);
  });

  it('says which ClamAV it is, with which signatures, and is ready while that answers', async () => {
    await using scene = await startScene();
    assert.deepEqual(await scene.rpc.describe({}), { scanner: VERSION });
    assert.deepEqual(await scene.readiness(), []);
    await scene.clamd[Symbol.asyncDispose]();
    assert.deepEqual(await scene.readiness(), ['clamd: clamd can’t be reached']);
    await assert.rejects(scene.rpc.scan(send([])), (error) => isReason(error, 'SERVICE_UNAVAILABLE'));
  });

  it('says that a file is too large where clamd says so', async () => {
    await using scene = await startScene({ maxStreamBytes: 100_000 });
    const large = Array.from({ length: 4 }, () => Buffer.alloc(65_536));
    await assert.rejects(scene.rpc.scan(send(large)), (error) => isReason(error, 'TOO_LARGE') || isReason(error, 'UPLOAD_INCOMPLETE'));
    assert.deepEqual(scene.clamd.scanned, []);
  });

  it('has nothing judged that has not come as a whole', async () => {
    await using scene = await startScene();
    await assert.rejects(scene.rpc.scan(send([Buffer.from('part')], 5)), (error) => isReason(error, 'UPLOAD_INCOMPLETE'));
    const leaving = new AbortController();
    const scanning = scene.rpc.scan(send((async function* slow() {
      yield Buffer.from('part');
      await new Promise(() => {});
    })()), { signal: leaving.signal });
    await eventually(() => assert.equal(scene.clamd.connections, 1));
    leaving.abort();
    await assert.rejects(scanning);
    await eventually(() => assert.equal(scene.clamd.connections, 0));
    assert.deepEqual(scene.clamd.scanned, []);
  });

  it('takes nothing it does not know for an answer', async () => {
    for (const reply of ['', 'stream: OK but', 'stream: Can’t allocate memory ERROR', 'FOUND', 'x'.repeat(10_000)]) {
      await using scene = await startScene({ reply });
      await assert.rejects(scene.rpc.scan(send([Buffer.from('any')])), (error) => isReason(error, 'SERVICE_UNAVAILABLE'), reply);
      await assert.rejects(scene.rpc.describe({}), (error) => isReason(error, 'SERVICE_UNAVAILABLE'));
    }
  });

  it('does not believe that a file is clean before all of it was sent', async () => {
    const answered = Promise.withResolvers<void>();
    await using scene = await startScene({
      behave: (socket) => {
        socket.once('data', () => socket.resume().end('stream: OK\0'));
        socket.once('close', () => answered.resolve());
      },
    });
    await assert.rejects(scene.rpc.scan(send((async function* halting() {
      yield Buffer.from('part');
      await answered.promise;
      yield Buffer.from('rest');
    })())), (error) => isReason(error, 'SERVICE_UNAVAILABLE'));
  });

  it('says that clamd broke off, also where it does so while it takes nothing', async () => {
    const sockets: Socket[] = [];
    await using scene = await startScene({ behave: (socket) => sockets.push(socket.on('error', () => {})) });
    let given = 0;
    const scanning = scene.rpc.scan(send((async function* endless() {
      for (; ; given += 65_536) yield Buffer.alloc(65_536);
    })()));
    scanning.catch(() => {});
    let before = 0;
    await eventually(() => {
      const isStill = before > 0 && before === given;
      before = given;
      assert.ok(isStill);
    }, 5000, 200);
    sockets[0]?.resetAndDestroy();
    await assert.rejects(scanning, (error) => isReason(error, 'UPLOAD_INCOMPLETE'));
  });

  it('gives up a clamd that hangs, or hangs up', async () => {
    await using silent = await startScene({ behave: (socket) => socket.resume() }, { timeout: '200ms' });
    await assert.rejects(silent.rpc.scan(send([Buffer.from('any')])), (error) => isReason(error, 'TIMED_OUT'));
    await using rude = await startScene({ behave: (socket) => socket.destroy() });
    await assert.rejects(rude.rpc.scan(send([Buffer.from('any')])), (error) => isReason(error, 'UPLOAD_INCOMPLETE'));
  });

  it('reads no more than clamd takes', async () => {
    await using scene = await startScene({ behave: (socket) => socket.pause() }, { timeout: '2s' });
    let given = 0;
    const scanning = scene.rpc.scan(send((async function* endless() {
      for (; given < 256 * 2 ** 20; given += 65_536) yield Buffer.alloc(65_536);
    })()));
    await assert.rejects(scanning, (error) => error instanceof MediaError);
    assert.ok(given < 64 * 2 ** 20, `${given} bytes were taken`);
  });

  it('wants to be shown the token', async () => {
    await using scene = await startScene();
    const stranger = connectService(ContentScannerServiceDefinition, { address: scene.address, token: 'other' });
    await assert.rejects(stranger.rpc.describe({}));
    stranger.close();
  });
});
