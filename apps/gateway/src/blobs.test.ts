import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { makeTempDir } from '@medley/testing/temp-dir';
import { serveHttp, startTestGateway, type TestGateway } from './gateway.fixture.ts';

const BODY = randomBytes(1_000_000);
const DIGEST = createHash('sha256').update(BODY).digest('hex');
const DAMAGED = Buffer.from(BODY).fill(0, 10, 20);
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/blob';

const inFile = (path: string) => ({ locateBlob: async () => ({ sizeBytes: BODY.byteLength, location: { $case: 'path', value: path } }) });

/** A storage that answers with each of these URLs in turn, with the last one for ever. */
function atUrls(...urls: readonly string[]) {
  const left = [...urls];
  const next = async () => ({ $case: 'http', value: { url: (left.length > 1 ? left.shift() : left[0]) ?? '', expiresAtMs: 0 } });
  return {
    locateBlob: async () => ({ sizeBytes: BODY.byteLength, location: await next() }),
    locateUpload: async () => ({ http: (await next()).value }),
  };
}

async function download(gateway: TestGateway): Promise<Buffer> {
  const answer = await gateway.get('x');
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

/** Answers a range, or all, of `bytes`. */
function answerWith(bytes: Buffer, request: IncomingMessage, response: ServerResponse, etag = '"e"'): void {
  const [, first = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
  const part = bytes.subarray(Number(first));
  response.writeHead(request.headers.range === undefined ? 200 : 206, { 'content-length': part.byteLength, etag }).end(part);
}

describe('a blob in a file', () => {
  it('arrives whole, first when it is checked and then when it is believed', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await writeFile(path, BODY);
    await using gateway = await startTestGateway(inFile(path));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    for (let round = 0; round < 2; round += 1) assert.ok((await download(gateway)).equals(BODY));
  });

  it('that is damaged never arrives whole, also when it was damaged after it was found right', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await using gateway = await startTestGateway(inFile(path));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    for (let round = 0; round < 2; round += 1) {
      await writeFile(path, DAMAGED);
      await assert.rejects(download(gateway));
      await writeFile(path, BODY);
      assert.ok((await download(gateway)).equals(BODY));
    }
  });

  it('is not checked where only a part is asked for', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await writeFile(path, DAMAGED);
    await using gateway = await startTestGateway(inFile(path));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    const answer = await gateway.get('x', { range: 'bytes=0-99' });
    assert.equal(answer.status, 206);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(DAMAGED.subarray(0, 100)));
  });

  it('that is missing is our fault', async () => {
    await using folder = await makeTempDir();
    await using gateway = await startTestGateway(inFile(join(folder.path, 'nothing')));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    assert.equal((await gateway.get('x')).status, 500);
  });
});

describe('a blob over HTTP', () => {
  it('that is damaged never arrives whole', async () => {
    await using server = await serveHttp((request, response) => answerWith(DAMAGED, request, response));
    await using gateway = await startTestGateway(atUrls(server.url));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    for (let round = 0; round < 2; round += 1) await assert.rejects(download(gateway));
  });

  it('is looked for anew when the replica that had it is gone', async () => {
    await using server = await serveHttp((request, response) => answerWith(BODY, request, response));
    await using gateway = await startTestGateway(atUrls(NOWHERE, server.url));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    assert.ok((await download(gateway)).equals(BODY));
  });

  it('that breaks off is taken up once where it broke off', async () => {
    const asked: (string | undefined)[] = [];
    await using server = await serveHttp((request, response) => {
      asked.push(request.headers.range);
      if (asked.length > 1) return answerWith(BODY, request, response);
      response.writeHead(200, { 'content-length': BODY.byteLength, etag: '"e"' });
      response.write(BODY.subarray(0, 300_000), () => response.destroy());
    });
    await using gateway = await startTestGateway(atUrls(server.url));
    gateway.metadata.add('x', DIGEST, BODY.byteLength);
    assert.ok((await download(gateway)).equals(BODY));
    assert.equal(asked.length, 2);
    assert.match(asked[1] ?? '', /^bytes=\d+-999999$/);
  });

  it('that breaks off twice, or is another when it is taken up, is cut', async () => {
    let count = 0;
    await using breaking = await serveHttp((_, response) => {
      count += 1;
      response.writeHead(count === 1 ? 200 : 206, { 'content-length': BODY.byteLength, etag: '"e"' });
      response.write(BODY.subarray(0, 300_000), () => response.destroy());
    });
    await using changing = await serveHttp((request, response) => answerWith(BODY, request, response, '"another"'));
    for (const urls of [[breaking.url], [breaking.url, changing.url]]) {
      count = 0;
      await using gateway = await startTestGateway(atUrls(...urls));
      gateway.metadata.add('x', DIGEST, BODY.byteLength);
      await assert.rejects(download(gateway));
    }
  });
});

describe('an upload', () => {
  it('is sent elsewhere when its place is gone before anything was sent, and only once', async () => {
    const got: number[] = [];
    await using server = await serveHttp(async (request, response) => {
      const bytes = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
      got.push(bytes.byteLength);
      response.end(JSON.stringify({ digest: DIGEST, size_bytes: bytes.byteLength }));
    });
    await using gateway = await startTestGateway(atUrls(NOWHERE, NOWHERE, server.url));
    const answer = await gateway.upload(BODY);
    assert.equal(answer.status, 200, await answer.text());
    assert.deepEqual(got, [BODY.byteLength]);
  });

  it('is sent elsewhere from its beginning when its place goes after little was sent', async () => {
    const small = BODY.subarray(0, 100_000);
    const got: Buffer[] = [];
    await using going = await serveHttp((request) => void request.once('data', () => request.socket.resetAndDestroy()));
    await using server = await serveHttp(async (request, response) => {
      got.push(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)));
      response.end(JSON.stringify({ digest: DIGEST, size_bytes: small.byteLength }));
    });
    await using gateway = await startTestGateway(atUrls(going.url, server.url));
    const answer = await gateway.upload(small);
    assert.equal(answer.status, 200, await answer.text());
    assert.deepEqual(got, [small]);
  });

  it('is not sent again once much of it was', async () => {
    let count = 0;
    await using server = await serveHttp((request) => {
      count += 1;
      let sizeBytes = 0;
      request.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > BODY.byteLength / 2) request.socket.resetAndDestroy();
      });
    });
    await using gateway = await startTestGateway(atUrls(server.url));
    const answer = await gateway.upload(BODY);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal(count, 1);
  });

  it('that is stored and can’t be recorded is refused with when to come back', async () => {
    await using server = await serveHttp(async (request, response) => {
      const { length } = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
      response.end(JSON.stringify({ digest: DIGEST, size_bytes: length }));
    });
    await using gateway = await startTestGateway(atUrls(server.url));
    gateway.metadata.recordUpload = () => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'These bytes are being removed', { retryAfterMs: 3000 }));
    const answer = await gateway.upload(BODY);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '3');
  });

  it('that takes longer than it may is told so, and cut on its way into storage', { timeout: 20_000 }, async () => {
    const outcome = Promise.withResolvers<string>();
    await using server = await serveHttp((request) => {
      request.resume().once('end', () => outcome.resolve('whole')).once('error', () => outcome.resolve('cut'));
    });
    await using gateway = await startTestGateway(atUrls(server.url), { uploads: { max_duration: '300ms' } });
    const dripping = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.enqueue(Buffer.from('drop'));
      },
    });
    const answer = await gateway.upload(dripping);
    assert.equal(answer.status, 408, await answer.text());
    assert.equal(await outcome.promise, 'cut');
  });
});
