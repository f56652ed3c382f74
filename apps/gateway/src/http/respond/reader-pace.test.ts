import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReaderPace } from './reader-pace.ts';

const STALL_MS = 400;
const PORTION_BYTES = 2 ** 20;
/** More than systems keep for a connection at both its ends. */
const LARGE = Buffer.alloc(64 * 2 ** 20);

/** A server whose every answer is `answer`'s, and one reader of it, who takes nothing until it is told to. */
async function open(answer: (response: ServerResponse) => void): Promise<AsyncDisposable & { readonly reader: Socket; readonly outcome: Promise<string> }> {
  const outcome = Promise.withResolvers<string>();
  const server = createServer((_, response) => {
    const pace = new ReaderPace(response, STALL_MS);
    response.on('error', (error) => outcome.resolve(error.message)).on('finish', () => outcome.resolve('whole'));
    response.on('close', () => {
      pace[Symbol.dispose]();
      outcome.resolve(response.errored?.message ?? 'closed');
    });
    answer(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  reader.on('error', () => {}); // to be cut is what it is here for
  reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return {
    reader,
    outcome: outcome.promise,
    async [Symbol.asyncDispose]() {
      reader.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the pace of a reader', { timeout: 30_000 }, () => {
  it('that takes nothing ends the answer in time', async () => {
    const startedAt = performance.now();
    await using scene = await open((response) => void response.end(LARGE));
    assert.match(await scene.outcome, /took too little for 400 ms/);
    assert.ok(performance.now() - startedAt >= STALL_MS);
  });

  it('that takes a byte now and then ends it as well', async () => {
    await using scene = await open((response) => void response.end(LARGE));
    const nibble = setInterval(() => scene.reader.read(1), STALL_MS / 8);
    assert.match(await scene.outcome, /took too little/);
    clearInterval(nibble);
  });

  it('that goes on may take as long as it needs, also for one large write', async () => {
    await using scene = await open((response) => void response.end(LARGE));
    const startedAt = performance.now();
    let leftBytes = LARGE.byteLength;
    for await (const chunk of scene.reader.iterator({ destroyOnReturn: false })) {
      leftBytes -= chunk.byteLength;
      if (leftBytes <= 0) break;
      // a system tells of room only when there is much of it, so it has to be made in larger steps
      if (Math.floor(leftBytes / PORTION_BYTES) !== Math.floor((leftBytes + chunk.byteLength) / PORTION_BYTES)) await sleep(STALL_MS / 8);
    }
    assert.equal(await scene.outcome, 'whole');
    assert.ok(performance.now() - startedAt > 2 * STALL_MS);
  });

  it('does not matter while there is nothing for it', async () => {
    await using scene = await open((response) => {
      response.write('some');
      setTimeout(() => response.end('more'), 3 * STALL_MS);
    });
    scene.reader.resume();
    assert.equal(await scene.outcome, 'whole');
  });
});
