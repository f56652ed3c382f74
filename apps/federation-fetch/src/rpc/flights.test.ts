import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchMediaRequest, FetchMediaResponse } from '@medley/proto/federation-fetch';
import { eventually } from '@medley/testing/eventually';
import type { FakeRemote } from '@medley/testing/fake-remote';
import { TestFetch, toRequest } from './federation-fetch.fixture.ts';

const HALF = Buffer.alloc(100_000, 'a');
const REST = Buffer.alloc(50_000, 'b');
const WHOLE = Buffer.concat([HALF, REST]);
const ALL = { span: { offset: 0, length: undefined } };

/** Media of which the remote sends a half, and the rest when it is told to. */
class SlowMedia {
  readonly #response = Promise.withResolvers<ServerResponse>();
  readonly closed = Promise.withResolvers<void>();

  constructor(remote: FakeRemote, mediaId = 'media') {
    remote.media.set(mediaId, (_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': WHOLE.byteLength }).write(HALF);
      response.on('close', this.closed.resolve);
      this.#response.resolve(response);
    });
  }

  async sendRest(): Promise<void> {
    (await this.#response.promise).end(REST);
  }
}

/** A call that is read step by step. */
class Caller {
  readonly controller = new AbortController();
  readonly #parts: AsyncIterator<FetchMediaResponse>;
  readonly bytes: Uint8Array[] = [];

  constructor(fetch: TestFetch, origin: string, parts: Partial<FetchMediaRequest> = ALL) {
    this.#parts = fetch.rpc.fetchMedia(toRequest(origin, parts), { signal: this.controller.signal })[Symbol.asyncIterator]();
  }

  get sizeBytes(): number {
    return this.bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  async next(): Promise<NonNullable<FetchMediaResponse['part']>['$case'] | 'end'> {
    const next = await this.#parts.next();
    if (next.done === true) return 'end';
    const { part } = next.value;
    if (part?.$case === 'chunk') this.bytes.push(part.value);
    return part?.$case ?? assert.fail('a part is something');
  }

  /** Reads until so many bytes have come. */
  async readBytes(sizeBytes: number): Promise<void> {
    while (this.sizeBytes < sizeBytes) assert.notEqual(await this.next(), 'end');
  }

  /** Reads what must be media to its end. */
  async readAll(): Promise<Buffer> {
    let last = await this.next();
    for (let next = last; next !== 'end'; next = await this.next()) last = next;
    assert.equal(last, 'stored');
    return Buffer.concat(this.bytes);
  }

  /** Leaves, and hears of it. */
  async leave(): Promise<void> {
    this.controller.abort();
    await assert.rejects(async () => {
      while ((await this.next()) !== 'end');
    });
  }
}

describe('a flight', () => {
  it('passes on what has come before the rest is sent', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const caller = new Caller(fetch, remote.serverName);
    await caller.readBytes(HALF.byteLength);
    await media.sendRest();
    assert.deepEqual(await caller.readAll(), WHOLE);
  });

  it('is one for 100 callers', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const callers = Array.from({ length: 100 }, () => new Caller(fetch, remote.serverName));
    await Promise.all(callers.map((caller) => caller.next()));
    await media.sendRest();
    for (const bytes of await Promise.all(callers.map((caller) => caller.readAll()))) assert.deepEqual(bytes, WHOLE);
    assert.deepEqual([remote.requests.length, fetch.storage.begun], [1, 1]);
  });

  it('is joined in its midst, from any byte on, there already or not', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const first = new Caller(fetch, remote.serverName);
    await first.readBytes(HALF.byteLength);
    const spans = [0, 99_999, 120_000].map((offset) => new Caller(fetch, remote.serverName, { span: { offset, length: undefined } }));
    await Promise.all(spans.map((caller) => caller.next()));
    await media.sendRest();
    assert.deepEqual((await Promise.all(spans.map((caller) => caller.readAll()))).map((bytes) => bytes.byteLength), [150_000, 50_001, 30_000]);
    assert.equal(remote.requests.length, 1);
  });

  it('is not disturbed by a caller who leaves', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const [one, other] = [new Caller(fetch, remote.serverName), new Caller(fetch, remote.serverName)];
    await Promise.all([one.next(), other.next()]);
    await one.leave();
    await media.sendRest();
    assert.deepEqual(await other.readAll(), WHOLE);
  });

  it('goes on when all have left, and can be joined again', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const caller = new Caller(fetch, remote.serverName);
    await caller.next();
    await caller.leave();
    await media.sendRest();
    await eventually(() => assert.equal(fetch.storage.stored.size, 1));
    assert.deepEqual(await new Caller(fetch, remote.serverName).readAll(), WHOLE);
    assert.equal(remote.requests.length, 1);
  });

  it('is given up when nobody has come back for a while', async () => {
    await using fetch = await TestFetch.start({ unread_grace: '50ms', stall_timeout: '30s' });
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const caller = new Caller(fetch, remote.serverName);
    await caller.next();
    await caller.leave();
    await media.closed.promise;
    assert.equal(fetch.storage.stored.size, 0);
  });

  it('fails for all when the server stops in mid-way, and is tried anew by the next', async () => {
    await using fetch = await TestFetch.start({ stall_timeout: '100ms', backoff: { first: '1ms', max: '1ms' } });
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    const callers = [ALL, {}, { span: { offset: 0, length: 10 } }].map((parts) => new Caller(fetch, remote.serverName, parts));
    for (const caller of callers) await assert.rejects(caller.readAll(), { reason: 'FETCH_FAILED' });
    await media.closed.promise;
    await sleep(5); // five times the rest of the server
    remote.media.set('media', { bytes: WHOLE });
    assert.deepEqual(await new Caller(fetch, remote.serverName).readAll(), WHOLE);
  });

  it('is joined, and never begun, by who only joins', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    await fetch.refuses(remote.serverName, 'FETCH_FAILED', { onlyJoins: true });
    assert.equal(remote.requests.length, 0);
    const first = new Caller(fetch, remote.serverName);
    await first.readBytes(HALF.byteLength);
    const second = new Caller(fetch, remote.serverName, { ...ALL, onlyJoins: true });
    await second.next();
    await media.sendRest();
    assert.deepEqual(await second.readAll(), WHOLE);
    assert.equal(remote.requests.length, 1);
  });

  it('ends for each caller at its own limit', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', { bytes: WHOLE });
    const [whole, ...small] = await Promise.all([{ ...ALL }, { ...ALL, maxBytes: 149_999 }, { maxBytes: 149_999 }].map((parts) => fetch.fetch(remote.serverName, parts)));
    assert.deepEqual(whole?.bytes, WHOLE);
    assert.deepEqual(small.map(({ error, stored }) => [error?.reason, stored]), [['REMOTE_TOO_LARGE', undefined], ['REMOTE_TOO_LARGE', undefined]]);
  });

  it('waits for an upload as long as the most patient of its callers', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const waits: number[] = [];
    remote.media.set('media', (request, response) => {
      const waitMs = Number(new URL(request.url ?? '', 'https://x').searchParams.get('timeout_ms'));
      waits.push(waitMs);
      if (waitMs > 0) return void response.writeHead(200, { 'content-type': 'image/png' }).end(WHOLE);
      return void setTimeout(() => response.writeHead(504).end(JSON.stringify({ errcode: 'M_NOT_YET_UPLOADED' })), 50);
    });
    const hasty = fetch.fetch(remote.serverName, ALL);
    await eventually(() => assert.equal(waits.length, 1));
    const patient = await fetch.fetch(remote.serverName, { ...ALL, waitMs: 10_000 });
    assert.deepEqual([(await hasty).error?.reason, patient.bytes], ['NOT_YET_UPLOADED', WHOLE]);
    assert.equal(waits.length, 2);
  });
});

describe('what storage does', () => {
  it('comes before the word that media is stored', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', { bytes: WHOLE });
    fetch.storage.manners = 'waits';
    const caller = new Caller(fetch, remote.serverName);
    await caller.readBytes(WHOLE.byteLength);
    const last = caller.next();
    await eventually(() => assert.equal(fetch.storage.receivedBytes, WHOLE.byteLength));
    assert.equal(await Promise.race([last, sleep(20, 'nothing yet')]), 'nothing yet');
    fetch.storage.answer();
    assert.equal(await last, 'stored');
  });

  it('is done again from the beginning when it is lost in mid-way', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const media = new SlowMedia(remote);
    fetch.storage.manners = 'loses';
    const caller = new Caller(fetch, remote.serverName);
    await caller.readBytes(HALF.byteLength);
    await eventually(() => assert.equal(fetch.storage.begun, 1));
    fetch.storage.manners = 'well';
    await media.sendRest();
    assert.deepEqual(await caller.readAll(), WHOLE);
    assert.ok(fetch.storage.begun > 1);
    assert.equal(remote.requests.length, 1);
  });

  for (const [manners, reason] of [['is full', 'STORAGE_FULL'], ['is away', 'SERVICE_UNAVAILABLE']] as const) {
    it(`ends the transfer with ${reason} when it ${manners}`, async () => {
      await using fetch = await TestFetch.start({ stall_timeout: '30s' });
      const remote = await fetch.remote();
      const media = new SlowMedia(remote);
      fetch.storage.manners = manners;
      await assert.rejects(new Caller(fetch, remote.serverName).readAll(), { reason });
      await media.closed.promise;
    });
  }
});

describe('the disk for bytes on their way', () => {
  it('is bounded, whether sizes are known or not', async () => {
    await using fetch = await TestFetch.start({ spool_bytes: 160_000 });
    const remote = await fetch.remote();
    new SlowMedia(remote, 'first');
    const first = new Caller(fetch, remote.serverName, { mediaId: 'first' });
    await first.next();
    const second = new SlowMedia(remote, 'sized');
    remote.media.set('unsized', { bytes: WHOLE });
    for (const mediaId of ['sized', 'unsized']) await fetch.refuses(remote.serverName, 'BUSY', { mediaId });
    await second.closed.promise;
  });

  it('is too small for ever for media that is larger than all of it', async () => {
    await using fetch = await TestFetch.start({ spool_bytes: 149_999 });
    const remote = await fetch.remote();
    new SlowMedia(remote, 'sized');
    remote.media.set('unsized', { bytes: WHOLE });
    for (const mediaId of ['sized', 'unsized']) await fetch.refuses(remote.serverName, 'REMOTE_TOO_LARGE', { mediaId });
  });

  it('is not held by media that is stored when others need it', async () => {
    await using fetch = await TestFetch.start({ spool_bytes: 200_000 });
    const remote = await fetch.remote();
    for (const mediaId of ['one', 'two', 'three']) {
      remote.media.set(mediaId, { bytes: WHOLE });
      await fetch.fetchWhole(remote.serverName, { mediaId });
    }
  });
});
