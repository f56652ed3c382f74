import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { eventually } from '@medley/testing/eventually';
import { because, contentOf, ORIGIN, someone } from './ports/samples.contract.ts';
import { connectTo, reserve, start } from './running-service.fixture.ts';

test('what was answered is there after a restart, for the same client', async () => {
  await using folder = await makeTempDir();
  const socket = `unix://${join(folder.path, 'metadata.sock')}`;
  using client = connectTo(socket);
  await using first = await start(socket, { data_dir: folder.path });
  const { record } = await client.rpc.recordUpload({ origin: ORIGIN, userId: someone(), content: contentOf('a') });
  const key = record?.key;
  await first.stop(1000);
  await assert.rejects(reserve(client, someone()), because('SERVICE_UNAVAILABLE'));
  await using _second = await start(socket, { data_dir: folder.path });
  assert.deepEqual(await eventually(() => client.rpc.resolveMedia({ key, waitMs: 0 })), { record });
});

test('a read whose connection is lost is tried again; a write is not', async () => {
  await using folder = await makeTempDir();
  await using service = await start('127.0.0.1:0', { data_dir: folder.path });
  const target = Number(service.addresses['grpc']?.split(':').at(-1));
  let isLosing = false;
  await using proxy = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1', () => upstream.pipe(socket));
    socket.on('data', (chunk) => {
      if (!isLosing) return void upstream.write(chunk);
      isLosing = false;
      socket.destroy();
    });
    socket.on('error', () => undefined).on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  using client = connectTo(`127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const key = await reserve(client, someone());
  isLosing = true;
  assert.equal((await client.rpc.batchGetMedia({ keys: [key] })).results.length, 1);
  assert.equal(isLosing, false);
  isLosing = true;
  await assert.rejects(reserve(client, someone()), because('SERVICE_UNAVAILABLE'));
});

test('stopping does not wait for those who wait for uploads', async () => {
  await using folder = await makeTempDir();
  const socket = `unix://${join(folder.path, 'metadata.sock')}`;
  await using service = await start(socket, { data_dir: folder.path });
  using client = connectTo(socket);
  const key = await reserve(client, someone());
  const wait = assert.rejects(client.rpc.resolveMedia({ key, waitMs: 60_000 }, { timeoutMs: 120_000 }), because('SERVICE_UNAVAILABLE'));
  // Another call answered means that the wait, sent before it, has arrived.
  await client.rpc.batchGetMedia({ keys: [key] });
  const startedAt = performance.now();
  await service.stop(30_000);
  assert.ok(performance.now() - startedAt < 10_000);
  await wait;
});

test('without its database the service starts, says what is missing, and refuses calls', async () => {
  const metadata = { kind: 'mongodb', uri: 'mongodb://127.0.0.1:1/' };
  await using service = await start('127.0.0.1:0', { metadata });
  using client = connectTo(service.addresses['grpc'] ?? '');
  assert.match((await service.readiness()).join(), /^metadata store: /);
  await assert.rejects(reserve(client, someone()), because('SERVICE_UNAVAILABLE'));
});
