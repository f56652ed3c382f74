import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as aTurn } from 'node:timers/promises';
import { parseDigest } from '@medley/domain/digest';
import { collectBytes } from '@medley/streams/byte-stream';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ByteLane } from './byte-lane.ts';
import { readFileRange } from './read-file.ts';
import { openFileRange, sendFile, stampFile, type ByteCheck } from './send-file.ts';

const NEVER = new AbortController().signal;

async function serve(listener: RequestListener, path?: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  await once(server, 'listening');
  const url = path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}/x` : 'http://localhost/x';
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function* halfThenFail(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1000);
  throw new Error('the source broke');
}

describe('the byte lane', () => {
  it('sends a stream and reads the answer, over TCP and over a unix socket', async () => {
    await using folder = await makeTempDir();
    for (const socketPath of [undefined, join(folder.path, 's.sock')]) {
      await using server = await serve(async (request, response) => {
        response.end(String((await collectBytes(request, 10_000)).byteLength));
      }, socketPath);
      await using lane = new ByteLane(4);
      const body = (async function* () {
        yield new Uint8Array(700);
        yield new Uint8Array(300);
      })();
      const answer = await lane.send({ url: server.url, socketPath }, { method: 'PUT', body }, NEVER);
      assert.equal(answer.status, 200);
      assert.equal((await collectBytes(answer.body, 100)).toString(), '1000');
    }
  });

  it('keeps connections for later, but for requests that want one alone', async () => {
    const ports: (number | undefined)[] = [];
    await using server = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      response.end();
    });
    await using lane = new ByteLane(4);
    for (const isAlone of [false, false, true, true]) {
      const { body } = await lane.send({ url: server.url }, { method: 'GET', isAlone }, NEVER);
      await collectBytes(body, 10);
      await aTurn(); // in which the connection is given back
    }
    assert.equal(ports[0], ports[1]);
    assert.equal(new Set(ports).size, 3);
  });

  it('lets the peer see that a body broke off', async () => {
    const outcome = Promise.withResolvers<string>();
    await using server = await serve(async (request: IncomingMessage) => {
      await collectBytes(request, 10_000).then(() => outcome.resolve('whole'), () => outcome.resolve('cut'));
    });
    await using lane = new ByteLane(4);
    await assert.rejects(lane.send({ url: server.url }, { method: 'PUT', body: halfThenFail() }, NEVER));
    assert.equal(await outcome.promise, 'cut');
  });

  it('ends when its signal aborts', async () => {
    await using server = await serve(() => {});
    await using lane = new ByteLane(4);
    await assert.rejects(lane.send({ url: server.url }, { method: 'GET' }, AbortSignal.timeout(30)), { name: 'TimeoutError' });
  });

  it('takes a body that stops before its Content-Length for broken', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write(new Uint8Array(40), () => response.destroy());
    });
    await using lane = new ByteLane(4);
    const answer = await lane.send({ url: server.url }, { method: 'GET' }, NEVER);
    await assert.rejects(collectBytes(answer.body, 1000));
  });
});

describe('a range of a file', () => {
  it('is read exactly, across chunks', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => index % 251));
    await writeFile(path, bytes);
    for (const [offset, length] of [[0, 600_000], [1, 5], [262_143, 300_000], [599_999, 1], [5, 0]] as const) {
      const read = await collectBytes(readFileRange(path, { offset, length }, NEVER), 1_000_000);
      assert.ok(read.equals(bytes.subarray(offset, offset + length)), `${offset}+${length}`);
    }
  });

  it('fails where the file is shorter, missing, or the signal aborted', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await writeFile(path, 'short');
    const range = { offset: 0, length: 6 };
    await assert.rejects(collectBytes(readFileRange(path, range, NEVER), 100), { reason: 'BLOB_CORRUPT' });
    await assert.rejects(collectBytes(readFileRange(`${path}-not`, range, NEVER), 100), { reason: 'NOT_FOUND' });
    await assert.rejects(collectBytes(readFileRange(path, range, AbortSignal.abort(new Error('left'))), 100), { message: 'left' });
  });
});

describe('a file that is sent', () => {
  const serveFile = (path: string, range: { offset: number; length: number }, outcome: PromiseWithResolvers<string>, check?: ByteCheck) =>
    serve((_, response) => {
      void openFileRange(path, range).then((file) => sendFile(response, { ...file, check })).then(
        () => response.end(() => outcome.resolve('whole')),
        (error: Error) => {
          response.destroy();
          outcome.resolve(error.message);
        },
      );
    });

  it('arrives exactly, also when many are sent at once from the same buffers', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    const bytes = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => (index * 7) % 253));
    await writeFile(path, bytes);
    const range = { offset: 3, length: 1_900_000 };
    await using server = await serveFile(path, range, Promise.withResolvers());
    await using lane = new ByteLane(8);
    const read = async (): Promise<Buffer> => collectBytes((await lane.send({ url: server.url }, { method: 'GET' }, NEVER)).body, 3_000_000);
    const expected = bytes.subarray(range.offset, range.offset + range.length);
    for (let round = 0; round < 3; round += 1) {
      const all = await Promise.all(Array.from({ length: 8 }, read));
      assert.deepEqual(all.map((one) => one.equals(expected)), Array.from({ length: 8 }, () => true));
    }
  });

  it('ends when its reader leaves, and when the file is too short', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await writeFile(path, Buffer.alloc(50_000_000));
    const left = Promise.withResolvers<string>();
    await using slow = await serveFile(path, { offset: 0, length: 50_000_000 }, left);
    await using lane = new ByteLane(2);
    const answer = await lane.send({ url: slow.url }, { method: 'GET' }, NEVER);
    answer.body.destroy();
    assert.notEqual(await left.promise, 'whole');
    const short = Promise.withResolvers<string>();
    await using broken = await serveFile(path, { offset: 0, length: 50_000_001 }, short);
    await assert.rejects(async () => collectBytes((await lane.send({ url: broken.url }, { method: 'GET' }, NEVER)).body, 60_000_000));
    assert.match(await short.promise, /ends at byte/);
  });

  it('goes out to its last bytes only if all are what the digest says', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    const bytes = Buffer.alloc(600_000, 'right');
    const digest = parseDigest(createHash('sha256').update(bytes).digest('hex'));
    await using lane = new ByteLane(2);
    for (const isRight of [true, false]) {
      await writeFile(path, isRight ? bytes : Buffer.from(bytes).fill(0, 7, 8));
      const results: boolean[] = [];
      const outcome = Promise.withResolvers<string>();
      const check = { digest, onResult: (result: boolean) => void results.push(result) };
      await using server = await serveFile(path, { offset: 0, length: bytes.byteLength }, outcome, check);
      const answer = await lane.send({ url: server.url }, { method: 'GET' }, NEVER);
      let count = 0;
      await Array.fromAsync(answer.body, (chunk) => void (count += chunk.byteLength)).catch(() => {});
      assert.equal(count === bytes.byteLength, isRight, `${count} bytes came`);
      assert.match(await outcome.promise, isRight ? /whole/ : /damaged/);
      assert.deepEqual(results, [isRight]);
    }
  });

  it('has another stamp once it was written to', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    const stamp = async (): Promise<string> => {
      await using file = await open(path);
      return await stampFile(file);
    };
    await writeFile(path, 'bytes');
    const first = await stamp();
    assert.equal(await stamp(), first);
    await utimes(path, 1, 1);
    assert.notEqual(await stamp(), first);
  });
});
