import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseBlobAddress } from '@medley/domain/blob-key';
import { parseDigest } from '@medley/domain/digest';
import { COMMON_STORE } from '@medley/domain/store-name';
import { TRUSTED } from '@medley/grpc/certificates.fixture';
import { orAbort } from '@medley/streams/abort';
import { eventually } from '@medley/testing/eventually';
import type { BlobStore } from '../ports/blob-store.ts';
import { chunksOf, EndlessSource, NEVER, openRawRequest, openTestPort } from './data-port.fixture.ts';

const MIB = 2 ** 20;
const KEY = parseBlobAddress({ digest: 'ab'.repeat(32), derivation: '', store: COMMON_STORE });
/** What two sockets, their kernel buffers and one HTTP connection may hold. */
const BUFFERED_BYTES = 24 * MIB;

/** A store of one blob that has no end. */
function endlessStore(source: EndlessSource): BlobStore {
  return { ...EMPTY_STORE, stat: async () => 2 ** 40, open: () => source.open() };
}

const EMPTY_STORE: BlobStore = {
  put: () => Promise.reject(new Error('not expected')),
  open: () => chunksOf(new Uint8Array()),
  stat: () => Promise.reject(new Error('not expected')),
  verify: () => Promise.reject(new Error('not expected')),
  delete: async () => 0,
  deleteDerived: async () => 0,
  sweepStaging: async () => ({ removedCount: 0, freedBytes: 0 }),
  list: async function* () {},
  locate: () => Promise.reject(new Error('not expected')),
  locatePublic: async () => undefined,
  check: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

for (const [transport, tls] of [['plain', undefined], ['over TLS', TRUSTED]] as const) {
  describe(`a reader, ${transport}`, () => {
    test('that does not read makes the store wait', async () => {
      const source = new EndlessSource();
      await using port = await openTestPort({ tls, store: endlessStore(source) });
      const raw = await openRawRequest(port.links.toBlob(KEY), 'GET', []);
      await untilStill(() => source.takenBytes);
      assert.ok(source.takenBytes > 0);
      assert.ok(source.takenBytes < BUFFERED_BYTES, `${source.takenBytes} bytes were taken`);
      raw.socket.destroy();
      await eventually(() => assert.ok(source.isClosed));
    });

    test('that leaves closes what was opened for it', async () => {
      const source = new EndlessSource();
      await using port = await openTestPort({ tls, store: endlessStore(source) });
      const raw = (await openRawRequest(port.links.toBlob(KEY), 'GET', [])).read();
      await eventually(() => assert.ok(source.takenBytes > MIB));
      raw.socket.destroy();
      await eventually(() => assert.ok(source.isClosed));
    });

    test('that takes nothing for too long is cut', async () => {
      const source = new EndlessSource();
      await using port = await openTestPort({ tls, store: endlessStore(source), downloadStallMs: 200 });
      await openRawRequest(port.links.toBlob(KEY), 'GET', []);
      await eventually(() => assert.ok(source.isClosed));
    });

    test('sees a cut connection, not an end, when the store fails in the middle', async () => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield randomBytes(1000);
        throw new Error('the disk broke');
      }
      await using port = await openTestPort({ tls, store: { ...EMPTY_STORE, stat: async () => 2000, open: failing } });
      await assert.rejects(port.send(port.links.toBlob(KEY), { method: 'GET' }));
    });

    test('hears the reason when the store fails before the first byte', async () => {
      const open = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (controller) => controller.error(new Error('the disk broke')) });
      await using port = await openTestPort({ tls, store: { ...EMPTY_STORE, stat: async () => 2000, open } });
      const answer = await port.send(port.links.toBlob(KEY), { method: 'GET' });
      assert.equal(answer.status, 500);
      assert.deepEqual(JSON.parse(answer.bytes.toString()), { reason: 'INTERNAL', message: 'Internal error' });
    });
  });

  describe(`a sender, ${transport}`, () => {
    test('waits for a store that does not take its bytes', async () => {
      const store: BlobStore = { ...EMPTY_STORE, put: (_source, _options, signal) => orAbort(new Promise(() => {}), signal) };
      const source = new EndlessSource();
      await using port = await openTestPort({ tls, store });
      const sent = port.send(port.links.toUpload(2 ** 40, COMMON_STORE), { method: 'PUT', body: source.open() });
      await untilStill(() => source.takenBytes);
      assert.ok(source.takenBytes < BUFFERED_BYTES, `${source.takenBytes} bytes were taken`);
      await Promise.all([port.stop(0), assert.rejects(sent)]);
      assert.ok(source.isClosed);
    });

    test('is not cut for the time that the store takes', async () => {
      const digest = parseDigest('cd'.repeat(32));
      const store: BlobStore = {
        ...EMPTY_STORE,
        async put(source) {
          let sizeBytes = 0;
          for await (const chunk of source) {
            await sleep(sizeBytes === 0 ? 400 : 0);
            sizeBytes += chunk.byteLength;
          }
          return { digest, sizeBytes };
        },
      };
      await using port = await openTestPort({ tls, store, uploadStallMs: 150 });
      const answer = await port.send(port.links.toUpload(MIB, COMMON_STORE), { method: 'PUT', body: randomBytes(MIB) });
      assert.deepEqual(JSON.parse(answer.bytes.toString()), { digest, size_bytes: MIB });
    });
  });

  describe(`stopping, ${transport}`, () => {
    test('is announced by asking for another connection in every answer', async () => {
      await using port = await openTestPort({ tls });
      const connectionOf = async (): Promise<string | undefined> => {
        const response = await port.send(port.links.toUpload(100, COMMON_STORE), { method: 'PUT', body: Buffer.from('x') });
        assert.equal(response.status, 200);
        return response.header('connection');
      };
      assert.equal(await connectionOf(), 'keep-alive');
      port.announceStop();
      assert.equal(await connectionOf(), 'close');
    });

    test('lets a running upload finish, and takes no new connection', async () => {
      await using port = await openTestPort({ tls });
      const gate = Promise.withResolvers<void>();
      async function* body(): AsyncGenerator<Uint8Array> {
        yield randomBytes(10);
        await gate.promise;
        yield randomBytes(10);
      }
      const link = port.links.toUpload(1000, COMMON_STORE);
      const sent = port.send(link, { method: 'PUT', body: body() });
      await eventually(async () => assert.equal((await port.files()).length, 1));
      const stopped = port.stop(60_000);
      await assert.rejects(openRawRequest(link, 'PUT', []), { code: 'ECONNREFUSED' });
      gate.resolve();
      assert.equal((await sent).status, 200);
      const finishedAt = performance.now();
      await stopped;
      assert.ok(performance.now() - finishedAt < 5000, 'its connection, kept for a next request, held the server');
    });

    test('does not wait for connections that are kept for later', async () => {
      await using port = await openTestPort({ tls });
      await port.send(port.links.toUpload(1000, COMMON_STORE), { method: 'PUT', body: randomBytes(10) });
      const startedAt = performance.now();
      await port.stop(10_000);
      assert.ok(performance.now() - startedAt < 5000);
    });

    test('cuts what does not finish in time, and leaves nothing of it', async () => {
      await using port = await openTestPort({ tls });
      const raw = await openRawRequest(port.links.toUpload(1000, COMMON_STORE), 'PUT', ['content-length: 1000']);
      raw.read().socket.write('the beginning');
      await eventually(async () => assert.equal((await port.files()).length, 1));
      await port.stop(50);
      assert.equal(await raw.closed(), '');
      assert.deepEqual(await port.files(), []);
    });

    test('waits until what it cut has cleared away after itself', async () => {
      let isCleared = false;
      const store: BlobStore = {
        ...EMPTY_STORE,
        async put(_source, _options, signal) {
          await orAbort(new Promise(() => {}), signal).catch(() => sleep(300));
          isCleared = true;
          throw signal.reason;
        },
      };
      await using port = await openTestPort({ tls, store });
      const raw = await openRawRequest(port.links.toUpload(1000, COMMON_STORE), 'PUT', ['content-length: 1000', 'expect: 100-continue']);
      raw.read();
      await eventually(() => assert.match(raw.received, /100 Continue/));
      await port.stop(0);
      assert.ok(isCleared);
    });
  });
}

/** Waits until a number has stopped growing for a while. */
async function untilStill(read: () => number): Promise<void> {
  for (let last = -1; last !== read() || last === 0; ) {
    last = read();
    await sleep(300, undefined, { signal: NEVER });
  }
}
