import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FetchMediaResponse } from '@medley/proto/federation-fetch';
import { eventually } from '@medley/testing/eventually';
import { refuse } from '@medley/testing/fake-remote';
import { TestFetch, toRequest } from './federation-fetch.fixture.ts';

const MIB = 2 ** 20;
/** What one stream may have in flight: the client's window, and what the server queues. */
const STREAM_BYTES = 8 * MIB;

describe('a good server', () => {
  it('is asked at once while 50 others hang on to all that they can get', async () => {
    await using fetch = await TestFetch.start({ timeout: '20s', stall_timeout: '20s', max_concurrent: 100, max_concurrent_per_server: 8 });
    const tarpits = await Promise.all(Array.from({ length: 50 }, () => fetch.remote()));
    const controller = new AbortController();
    const stuck = tarpits.flatMap((tarpit, index) => Array.from({ length: 8 }, async (_, number) => {
      const mediaId = `m${number}`;
      // half of them do not answer, the others drip
      tarpit.media.set(mediaId, (_request, response) => void (index % 2 === 1 && response.writeHead(200, { 'content-length': 1000 }).write('x')));
      await Array.fromAsync(fetch.rpc.fetchMedia(toRequest(tarpit.serverName, { mediaId }), { signal: controller.signal })).catch(() => {});
    }));
    await eventually(() => assert.ok(tarpits.every(({ requests }) => requests.length > 0)));
    const good = await fetch.remote();
    for (const mediaId of ['one', 'two', 'three']) {
      good.media.set(mediaId, { bytes: Buffer.from(mediaId) });
      await fetch.fetchWhole(good.serverName, { mediaId });
    }
    const asked = tarpits.map(({ requests }) => requests.length);
    assert.ok(Math.max(...asked) <= 8, 'of one server');
    assert.ok(asked.reduce((sum, count) => sum + count) < 100, 'of all');
    controller.abort();
    await Promise.all(stuck);
  });
});

describe('a server that does not answer', () => {
  it('is left alone for a while', async () => {
    await using fetch = await TestFetch.start({ timeout: '50ms' });
    const remote = await fetch.remote();
    remote.media.set('media', () => {});
    await fetch.refuses(remote.serverName, 'FETCH_FAILED');
    const connections = await eventually(() => remote.connections || assert.fail('it was not asked'));
    await fetch.refuses(remote.serverName, 'FETCH_FAILED', { mediaId: 'other' });
    assert.equal(remote.connections, connections);
  });

  for (const [status, errcode, isLeftAlone] of [[502, '', true], [503, 'M_UNKNOWN', true], [500, 'M_UNKNOWN', false], [404, 'M_NOT_FOUND', false], [401, 'M_UNAUTHORIZED', false], [504, 'M_NOT_YET_UPLOADED', false]] as const) {
    it(`is ${isLeftAlone ? '' : 'not '}one that says ${status} ${errcode}`, async () => {
      await using fetch = await TestFetch.start();
      const remote = await fetch.remote();
      for (const mediaId of ['one', 'two']) {
        remote.media.set(mediaId, refuse(status, errcode));
        await fetch.fetch(remote.serverName, { mediaId });
      }
      assert.equal(remote.requests.length, isLeftAlone ? 1 : 2);
    });
  }

  it('is asked once more if it closed a connection that was kept', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('one', { bytes: Buffer.from('one') });
    await fetch.fetchWhole(remote.serverName, { mediaId: 'one' });
    remote.media.set('two', (_request, response) => {
      remote.media.set('two', { bytes: Buffer.from('two') });
      response.socket?.destroy();
    });
    await fetch.fetchWhole(remote.serverName, { mediaId: 'two' });
    assert.equal(remote.requests.length, 3);
  });

  it('is believed that it has no such media, but not that it is not uploaded yet', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('late', refuse(504, 'M_NOT_YET_UPLOADED'));
    for (const mediaId of ['none', 'none', 'late', 'late']) await fetch.fetch(remote.serverName, { mediaId });
    assert.deepEqual(remote.requests.map(({ uri }) => /(none|late)/.exec(uri)?.[0]), ['none', 'late', 'late']);
  });

  it('is not believed for ever that it has no such media', async () => {
    await using fetch = await TestFetch.start({ not_found_lifetime: '20ms' });
    const remote = await fetch.remote();
    await fetch.refuses(remote.serverName, 'NOT_FOUND');
    remote.media.set('media', { bytes: Buffer.from('there now') });
    await eventually(() => fetch.fetchWhole(remote.serverName));
  });
});

describe('20 readers who do not read on', () => {
  it('hold no more in memory than their streams may', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const file = Buffer.alloc(64 * MIB, 'x');
    remote.media.set('media', (_request, response) => response.writeHead(200, { 'content-length': file.byteLength }).end(file));
    const controller = new AbortController();
    const before = process.memoryUsage();
    const readers: AsyncIterator<FetchMediaResponse>[] = [];
    for (let count = 0; count < 20; count += 1) {
      const reader = fetch.rpc.fetchMedia(toRequest(remote.serverName, { span: { offset: 0, length: undefined } }), { signal: controller.signal })[Symbol.asyncIterator]();
      await reader.next();
      await reader.next();
      readers.push(reader);
    }
    await eventually(() => assert.equal(fetch.storage.stored.size, 1));
    for (let turn = 0; turn < 1000; turn += 1) await nextTurn();
    const { arrayBuffers, external } = process.memoryUsage();
    const grownBytes = Math.max(arrayBuffers - before.arrayBuffers, external - before.external);
    assert.ok(grownBytes < 20 * STREAM_BYTES + file.byteLength, `${Math.round(grownBytes / MIB)} MiB`);
    controller.abort();
    await Promise.allSettled(readers.map((reader) => reader.return?.()));
  });
});
