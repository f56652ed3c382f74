import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startMongoDb } from '@medley/tool-real-services/mongodb';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import type { MetadataStore } from '../../ports/metadata-store.ts';
import { because, contentOf, ORIGIN, reservationOf, someone, soon } from '../../ports/samples.contract.ts';
import { openMongoDbStore } from './mongodb-store.ts';

function openStore(uri: string): MetadataStore {
  return openMongoDbStore({ uri, database: 'medley' }, quietTelemetry().log);
}

const UNKNOWN = { origin: ORIGIN, mediaId: mintMediaId(0) };

const upload = () => ({ origin: ORIGIN, userId: someone(), content: contentOf('a') });

test('where no server listens, every call is refused as unavailable within seconds', async () => {
  await using store = openStore('mongodb://127.0.0.1:1/');
  const startedAt = performance.now();
  await assert.rejects(store.record(upload(), soon()), because('SERVICE_UNAVAILABLE'));
  await assert.rejects(store.find([UNKNOWN], soon()), because('SERVICE_UNAVAILABLE'));
  await assert.rejects(store.reserve(reservationOf(someone()), soon()), because('SERVICE_UNAVAILABLE'));
  await assert.rejects(store.check(soon()), because('SERVICE_UNAVAILABLE'));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 15_000, `four calls took ${tookMs} ms`);
});

test('a server that comes late, goes and comes back is found again each time', async (t) => {
  const server = await realServiceOrSkip(t, startMongoDb);
  if (server === undefined) return;
  await server.stop();
  await using store = openStore(server.uri);
  await assert.rejects(store.record(upload(), soon()), because('SERVICE_UNAVAILABLE'));
  await server.start();
  const media = await eventually(() => store.record(upload(), soon()));
  await eventually(() => store.check(soon()));
  await server.stop('SIGKILL');
  await assert.rejects(store.record(upload(), soon()), because('SERVICE_UNAVAILABLE'));
  await server.start();
  const [found] = await eventually(() => store.find([media.uri], soon()));
  assert.deepEqual(found, media);
});

test('a server that stops answering is a time-out, and a queue for its connections is not waited in for long', async (t) => {
  const server = await realServiceOrSkip(t, startMongoDb);
  if (server === undefined) return;
  await using proxy = await openProxy(server.port);
  const options = 'maxPoolSize=1&waitQueueTimeoutMS=100&socketTimeoutMS=1000&retryReads=false';
  await using store = openStore(`mongodb://127.0.0.1:${proxy.port}/?${options}`);
  await eventually(() => store.check(soon()));
  proxy.freeze();
  const first = assert.rejects(store.find([UNKNOWN], soon()), because('TIMED_OUT'));
  await assert.rejects(store.find([UNKNOWN], soon()), because('SERVICE_UNAVAILABLE'));
  await first;
});

test('a signal ends a call that would wait for the server', async () => {
  await using store = openStore('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=60000');
  await assert.rejects(store.find([UNKNOWN], AbortSignal.timeout(50)), { name: 'TimeoutError' });
});

interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing gets through, and nobody is told. */
  freeze(): void;
}

async function openProxy(targetPort: number): Promise<Proxy> {
  let isFrozen = false;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from.on('data', (chunk) => isFrozen || to.write(chunk)).on('close', () => to.destroy()).on('error', () => to.destroy()));
  };
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => void (isFrozen = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
