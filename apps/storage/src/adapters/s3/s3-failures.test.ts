import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { parseBlobKey } from '@medley/domain/blob-key';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { openStoreAlone } from './bucket.fixture.ts';

const NEVER = new AbortController().signal;
const KEY = parseBlobKey({ digest: 'ab'.repeat(32), derivation: '' });
const DERIVED = parseBlobKey({ digest: 'ab'.repeat(32), derivation: 'one' });
const EMPTY_LISTS: Readonly<Record<string, string>> = {
  uploads: '<ListMultipartUploadsResult/>',
  'list-type': '<ListBucketResult/>',
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

test('asks once more after a passing failure, and then succeeds', async () => {
  let asked = 0;
  await using s3 = await openStoreOn((_request, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 503 : 200, { etag: '"1"' }).end();
  });
  await s3.store.put(source(10), { maxBytes: 10, derivedKey: DERIVED }, NEVER);
  assert.equal(asked, 2);
});

test('is not available, for a second at first, when S3 goes on failing', async () => {
  let asked = 0;
  await using s3 = await openStoreOn((_request, response) => {
    asked += 1;
    response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
  });
  await assert.rejects(s3.store.put(source(10), { maxBytes: 10, derivedKey: DERIVED }, NEVER), { reason: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  assert.equal(asked, 2);
  await assert.rejects(s3.store.stat(KEY, NEVER), { reason: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
});

test('is not available when connections break', async () => {
  await using s3 = await openStoreOn((request) => request.socket.destroy());
  await assert.rejects(s3.store.put(source(10), { maxBytes: 10, derivedKey: DERIVED }, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(s3.store.stat(KEY, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(collectBytes(s3.store.open(KEY, undefined, NEVER), 10), { reason: 'SERVICE_UNAVAILABLE' });
});

test('is full when S3 has no space left', async () => {
  await using s3 = await openStoreOn((_request, response) => response.writeHead(507).end('<Error><Code>XMinioStorageFull</Code></Error>'));
  await assert.rejects(s3.store.put(source(10), { maxBytes: 10, derivedKey: DERIVED }, NEVER), { reason: 'STORAGE_FULL' });
});

test('does not take a missing bucket for a missing blob', async () => {
  await using s3 = await openStoreOn((_request, response) => response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>'), { bucketStatus: 404 });
  await assert.rejects(collectBytes(s3.store.open(KEY, undefined, NEVER), 10), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(s3.store.stat(KEY, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
});

test('fails a read that ends before the object does', async () => {
  await using s3 = await openStoreOn((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write(Buffer.alloc(50), () => response.destroy());
  });
  await assert.rejects(collectBytes(s3.store.open(KEY, undefined, NEVER), 1000), { reason: 'SERVICE_UNAVAILABLE' });
});

test('fails a read of a range where S3 sends the whole object', async () => {
  await using s3 = await openStoreOn((_request, response) => response.writeHead(200).end(randomBytes(1000)));
  await assert.rejects(collectBytes(s3.store.open(KEY, { offset: 10, length: 10 }, NEVER), 1000));
});

test('takes a bucket that it may not look for as there', async () => {
  await using s3 = await openStoreOn((_request, response) => response.end(), { bucketStatus: 403 });
  await s3.store.check(NEVER);
});

test('clears away at its start what crashed processes left a day ago', async () => {
  const removed: string[] = [];
  const upload = (key: string, at: string) => `<Upload><Key>staging/${key}</Key><UploadId>id-${key}</UploadId><Initiated>${at}</Initiated></Upload>`;
  const object = (key: string, at: string) => `<Contents><Key>staging/${key}</Key><Size>1</Size><LastModified>${at}</LastModified></Contents>`;
  const [old, young] = ['2020-01-01T00:00:00.000Z', new Date().toISOString()];
  const lists = {
    uploads: `<ListMultipartUploadsResult>${upload('a', old)}${upload('b', young)}</ListMultipartUploadsResult>`,
    'list-type': `<ListBucketResult>${object('c', old)}${object('d', young)}</ListBucketResult>`,
  };
  await using _s3 = await openStoreOn((request, response) => {
    removed.push(request.url ?? '');
    response.writeHead(204).end();
  }, { lists });
  await eventually(() => assert.equal(removed.length, 2));
  assert.deepEqual(removed, ['/bucket/staging/a?uploadId=id-a', '/bucket/staging/c']);
});

/** A store on a server that has a bucket, and answers as told to everything that concerns objects. */
async function openStoreOn(answer: Answer, { lists = EMPTY_LISTS, bucketStatus = 200 } = {}) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const list = Object.entries(lists).find(([name]) => searchParams.has(name));
    request.resume();
    if (pathname === '/bucket' && list !== undefined) response.end(list[1]);
    else if (pathname === '/bucket') response.writeHead(bucketStatus).end();
    else answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { endpoint, region: 'us-east-1', accessKey: 'key', secretKey: 'secret', bucket: 'bucket', prefix: '', partBytes: 1, uploadMemoryBytes: 1, uploadWaitMs: 10_000 };
  const store = openStoreAlone(options, ...quietTools());
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function* source(sizeBytes: number): AsyncGenerator<Uint8Array> {
  yield randomBytes(sizeBytes);
}
