import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { TRUSTED } from '@medley/grpc/certificates.fixture';
import { connectService } from '@medley/grpc/client';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { acquireS3 } from '@medley/tool-real-services/s3';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { newBucket, removeBucket } from './adapters/s3/bucket.fixture.ts';
import { startTestStorage, upload } from './app.fixture.ts';

const MIB = 2 ** 20;

test('says where it listens', async () => {
  await using tcp = await startTestStorage('tcp');
  assert.match(tcp.service.addresses['grpc'] ?? '', /^127\.0\.0\.1:[1-9]\d*$/);
  assert.match(tcp.service.addresses['data'] ?? '', /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  await using unix = await startTestStorage('unix');
  assert.match(unix.service.addresses['data'] ?? '', /^unix:\/\/\/.*data\.sock$/);
});

test('is ready while its folder can be used, and says what is wrong otherwise', async () => {
  await using storage = await startTestStorage();
  assert.deepEqual(await storage.service.readiness(), []);
  await rm(storage.folder, { recursive: true });
  assert.deepEqual(await storage.service.readiness(), ['storage: Storage is not available']);
});

test('lets nobody in without the token', async () => {
  await using storage = await startTestStorage();
  const stranger = connectService(StorageServiceDefinition, { address: storage.service.addresses['grpc'] ?? '' });
  await assert.rejects(stranger.rpc.listBlobs({ after: undefined, store: '' })[Symbol.asyncIterator]().next());
  stranger.close();
});

test('sends callers to its data port where the folder is not shared', async () => {
  await using storage = await startTestStorage('tcp', { storage: { kind: 'filesystem', shared: false } });
  const { blob } = await storage.rpc.putBlob(upload(randomBytes(100), 100));
  const located = await storage.rpc.locateBlob({ key: { digest: blob?.digest ?? '', derivation: '', store: '' }, inlineMaxBytes: 0, acceptPath: true });
  assert.equal(located.location?.$case, 'http');
});

test('does not start on an address it can not understand, and names the key', async () => {
  await assert.rejects(startTestStorage('tcp', { data_port: { listen: 'nowhere' } }), /data_port\.listen: "nowhere"/);
});

test('starts while S3 can not be reached, and is not ready', async () => {
  const storage = { kind: 's3', endpoint: 'http://127.0.0.1:9', bucket: 'medley', access_key: 'key', secret_key: 'secret' };
  await using service = await startTestStorage('tcp', { storage });
  assert.deepEqual(await service.service.readiness(), ['storage: The object store is not available']);
  await assert.rejects(service.rpc.putBlob(upload(randomBytes(10), 10)), { reason: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  await assert.rejects(service.rpc.checkStore({}), { reason: 'SERVICE_UNAVAILABLE' });
});

test('on S3 takes uploads through the data port and sends readers to S3', async (t) => {
  const s3 = await realServiceOrSkip(t, acquireS3);
  if (s3 === undefined) return;
  const { client, bucket, endpoint, region, accessKey, secretKey } = newBucket(s3);
  await using _bucket = { [Symbol.asyncDispose]: () => removeBucket(client, bucket) };
  await using storage = await startTestStorage('tcp', {
    storage: { kind: 's3', endpoint, region, bucket, access_key: accessKey, secret_key: secretKey, part_bytes: '5M' },
  });
  await eventually(async () => assert.deepEqual(await storage.service.readiness(), []));
  const bytes = randomBytes(12 * MIB);
  const { http } = await storage.rpc.locateUpload({ maxBytes: 20 * MIB, store: '' });
  const sent = await storage.send(http, { method: 'PUT', body: bytes });
  const { digest } = JSON.parse((await collectBytes(sent.body, 1000)).toString());
  const key = { digest, derivation: '', store: '' };
  const { location } = await storage.rpc.locateBlob({ key, inlineMaxBytes: MIB, acceptPath: true });
  assert.ok(location?.$case === 'http' && location.value.url.startsWith(endpoint));
  const read = await storage.send(location.value, { method: 'GET' });
  assert.ok((await collectBytes(read.body, 20 * MIB)).equals(bytes));
});

test('says where its data port is in the way it speaks', async () => {
  const tls = { ca: TRUSTED.ca, cert: TRUSTED.cert, key: TRUSTED.key };
  const dataPort = (advertise: string) => ({ data_port: { listen: '127.0.0.1:0', advertise } });
  await assert.rejects(startTestStorage('tcp', { ...dataPort('http://storage:8081'), grpc: { listen: '127.0.0.1:0', tls } }), /must begin with https:\/\/, as grpc\.tls is configured/);
  await assert.rejects(startTestStorage('tcp', dataPort('https://storage:8081')), /must begin with http:\/\/, as grpc\.tls is not configured/);
});
