import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { eventually } from '@medley/testing/eventually';
import { TcpProxy } from '@medley/testing/tcp-proxy';
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
  await using proxy = await TcpProxy.start(server.port);
  const options = 'maxPoolSize=1&waitQueueTimeoutMS=100&socketTimeoutMS=1000&retryReads=false';
  await using store = openStore(`mongodb://127.0.0.1:${proxy.port}/?${options}`);
  await eventually(() => store.check(soon()));
  proxy.mode = 'freeze';
  const first = assert.rejects(store.find([UNKNOWN], soon()), because('TIMED_OUT'));
  await assert.rejects(store.find([UNKNOWN], soon()), because('SERVICE_UNAVAILABLE'));
  await first;
});

test('a signal ends a call that would wait for the server', async () => {
  await using store = openStore('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=60000');
  await assert.rejects(store.find([UNKNOWN], AbortSignal.timeout(50)), { name: 'TimeoutError' });
});
