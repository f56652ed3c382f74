import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { originalAt, toAddressText } from '@medley/domain/blob-key';
import { parseStoreName } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import sharp from 'sharp';
import { DecoderPool } from './decoder/decoder-pool.ts';
import { Maker } from './maker.ts';
import { thumbnailMetrics } from './metrics.ts';
import { Slots } from './slots.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import { noise, quarters } from './testing/images.ts';
import { MemoryBlobs } from './testing/memory-blobs.ts';
import { LIMITS, spec } from './testing/thumbnails.ts';
import { Thumbnailer } from './thumbnailer.ts';

const { log, meter } = quietTelemetry();
const forever = new AbortController().signal;
const SMALL = spec(96, 96, 'crop');
const OTHER = spec(320, 240);

describe('Thumbnailer', () => {
  let decoders: DecoderPool;
  let small: Buffer;
  let large: Buffer;

  before(async () => {
    decoders = new DecoderPool(log, { sandbox: new Sandbox(), maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes });
    small = await quarters(400, 300).jpeg().toBuffer();
    large = await quarters(1200, 900).jpeg().toBuffer();
  });

  after(() => decoders[Symbol.dispose]());

  it('makes a thumbnail once, keeps it, and finds it the next time', async () => {
    const { thumbnailer, blobs } = setUp();
    const source = blobs.addSource(small);
    const made = await thumbnailer.get(source, SMALL, forever);
    const found = await thumbnailer.get(source, SMALL, forever);
    assert.equal(blobs.reads, 1);
    assert.deepEqual(found, made);
    assert.equal(made.contentType, 'image/jpeg');
    assert.equal((await sharp(made.bytes).metadata()).width, 96);
  });

  it('decodes once for two who ask at the same time', async () => {
    const { thumbnailer, blobs } = setUp();
    const source = blobs.addSource(small);
    const [one, other] = await Promise.all([thumbnailer.get(source, SMALL, forever), thumbnailer.get(source, SMALL, forever)]);
    assert.deepEqual(one, other);
    assert.equal(blobs.reads, 1);
  });

  it('makes a picture that lies in two stores once for each, and keeps what it makes beside it', async () => {
    const { thumbnailer, blobs } = setUp();
    const common = blobs.addSource(small);
    const own = { ...common, store: parseStoreName('b.example') };
    blobs.addSource(small, own);
    const made = await Promise.all([common, own].map((source) => thumbnailer.get(source, SMALL, forever)));
    await thumbnailer.settled();
    assert.equal(blobs.reads, 2);
    assert.deepEqual(made.map(({ key }) => key.store), ['', 'b.example']);
    assert.deepEqual([...blobs.thumbnails.keys()].toSorted(), made.map(({ key }) => toAddressText(key)).toSorted());
  });

  it('decodes a large source once for all standard sizes, and keeps the five', async () => {
    const { thumbnailer, blobs } = setUp();
    const source = blobs.addSource(large);
    await Promise.all([thumbnailer.get(source, SMALL, forever), thumbnailer.get(source, OTHER, forever)]);
    await thumbnailer.settled();
    await thumbnailer.get(source, spec(800, 600), forever);
    assert.equal(blobs.reads, 1);
    assert.equal(blobs.thumbnails.size, 5);
  });

  it('answers two sizes of a small source, each from a decode of its own', async () => {
    const { thumbnailer, blobs } = setUp();
    const source = blobs.addSource(small);
    const [one, other] = await Promise.all([thumbnailer.get(source, SMALL, forever), thumbnailer.get(source, OTHER, forever)]);
    assert.notEqual(one.key.derivation, other.key.derivation);
    assert.equal(blobs.thumbnails.size, 2);
  });

  it('answers what it could not store', async () => {
    const { thumbnailer, blobs } = setUp();
    blobs.failsToSave = true;
    const thumbnail = await thumbnailer.get(blobs.addSource(small), SMALL, forever);
    assert.ok(thumbnail.bytes);
    assert.equal(blobs.thumbnails.size, 0);
  });

  it('fails when it could not store what is too large to be answered', async () => {
    const { thumbnailer, blobs } = setUp();
    const source = blobs.addSource(await noise(1000, 1000).png().toBuffer());
    const stored = await thumbnailer.get(source, spec(1024, 1024), forever);
    assert.equal(stored.bytes, undefined);
    assert.ok(stored.sizeBytes > 2 ** 20);
    await thumbnailer.settled();
    blobs.thumbnails.clear();
    blobs.failsToSave = true;
    await assert.rejects(thumbnailer.get(source, spec(1024, 1024), forever), { reason: 'SERVICE_UNAVAILABLE' });
  });

  it('passes on what is wrong with the source', async () => {
    const { thumbnailer, blobs } = setUp();
    await assert.rejects(thumbnailer.get(blobs.addSource(Buffer.from('text')), SMALL, forever), { reason: 'CANNOT_THUMBNAIL' });
    const { key } = await thumbnailer.get(blobs.addSource(small), SMALL, forever);
    await assert.rejects(setUp().thumbnailer.get(originalAt(key), SMALL, forever), { reason: 'NOT_FOUND' });
  });

  it('reads no more sources at once than there are slots, and refuses beyond the queue', async () => {
    const { thumbnailer, blobs, slots } = setUp({ slots: 1, maxQueued: 1 });
    const gate = Promise.withResolvers<void>();
    blobs.gate = gate.promise;
    const running = thumbnailer.get(blobs.addSource(small), SMALL, forever);
    await eventually(() => assert.equal(blobs.reads, 1));
    const queued = thumbnailer.get(blobs.addSource(small), SMALL, forever);
    await eventually(() => assert.equal(slots.queued, 1));
    await assert.rejects(thumbnailer.get(blobs.addSource(small), SMALL, forever), { reason: 'BUSY' });
    assert.equal(blobs.reads, 1);
    gate.resolve();
    await Promise.all([running, queued]);
    await thumbnailer.settled();
    assert.equal(slots.busy, 0);
  });

  it('gives up the place in the queue of a caller who left', async () => {
    const { thumbnailer, blobs, slots } = setUp({ slots: 1, maxQueued: 1 });
    const gate = Promise.withResolvers<void>();
    blobs.gate = gate.promise;
    const running = thumbnailer.get(blobs.addSource(small), SMALL, forever);
    await eventually(() => assert.equal(blobs.reads, 1));
    const leaving = new AbortController();
    const left = thumbnailer.get(blobs.addSource(small), SMALL, leaving.signal);
    await eventually(() => assert.equal(slots.queued, 1));
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    await eventually(() => assert.equal(slots.queued, 0));
    gate.resolve();
    await running;
    await thumbnailer.settled();
    assert.equal(blobs.reads, 1);
  });

  it('says TIMED_OUT when the source does not come', async () => {
    const { thumbnailer, blobs, slots } = setUp({ timeoutMs: 30 });
    blobs.gate = new Promise(() => undefined);
    await assert.rejects(thumbnailer.get(blobs.addSource(small), SMALL, forever), { reason: 'TIMED_OUT' });
    assert.equal(slots.busy, 0);
  });

  function setUp({ slots: count = 2, maxQueued = 8, timeoutMs = 20_000 } = {}): { thumbnailer: Thumbnailer; blobs: MemoryBlobs; slots: Slots } {
    const blobs = new MemoryBlobs();
    const slots = new Slots({ slots: count, maxQueued, maxWaitMs: 20_000 });
    const maker = new Maker({ blobs, decoders, slots, limits: LIMITS, timeoutMs, metrics: thumbnailMetrics(meter, slots), log });
    return { thumbnailer: new Thumbnailer(blobs, (making) => maker.make(making)), blobs, slots };
  }
});
