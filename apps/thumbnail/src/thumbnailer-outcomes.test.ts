import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import sharp from 'sharp';
import { rgbaToThumbHash, thumbHashToApproximateAspectRatio } from 'thumbhash';
import { isBlurhashValid } from 'blurhash';
import { startThumbnailer, type StartedThumbnailer } from './testing/start-thumbnailer.ts';
import { noise, plain, quarters, RED } from './testing/images.ts';
import { paintMovingScene, paintScene } from './testing/scene.ts';
import { spec } from './testing/thumbnails.ts';

const { log } = quietTelemetry();
const forever = new AbortController().signal;
const MOVING = { ...spec(96, 96, 'crop', 'webp'), animated: true };

describe('Thumbnailer', () => {
  let started: StartedThumbnailer;

  before(() => {
    started = startThumbnailer({ log });
  });
  after(() => started[Symbol.dispose]());

  it('answers with a still where an animation is asked of what does not move, and need not look again', async () => {
    const { thumbnailer, blobs } = started.fresh();
    const source = blobs.addSource(await quarters(300, 200).jpeg().toBuffer());
    const asked = await thumbnailer.get(source, MOVING, forever);
    assert.equal(asked.key.derivation, 'thumbnail-v2-96x96-crop-webp');
    assert.deepEqual(await thumbnailer.get(source, { ...MOVING, animated: false }, forever), asked);
    await thumbnailer.settled();
    const { reads } = blobs;
    assert.deepEqual(await thumbnailer.get(source, MOVING, forever), asked);
    assert.equal(blobs.reads, reads);
  });

  it('answers with what moves in the format that is taken', async () => {
    const { thumbnailer, blobs } = started.fresh();
    const source = blobs.addSource((await paintMovingScene({ width: 200, height: 100 })).gif);
    const webp = await thumbnailer.get(source, MOVING, forever);
    const gif = await thumbnailer.get(source, { ...MOVING, format: 'common' }, forever);
    assert.deepEqual([webp.contentType, gif.contentType], ['image/webp', 'image/gif']);
    assert.equal((await thumbnailer.get(source, { ...MOVING, animated: false, format: 'common' }, forever)).contentType, 'image/jpeg');
  });

  it('makes again what was lost, the same bytes', async () => {
    const { thumbnailer, blobs } = started.fresh();
    const source = blobs.addSource(await paintScene({ width: 1000, height: 800 }).jpeg().toBuffer());
    const made = await thumbnailer.get(source, spec(640, 480), forever);
    await thumbnailer.settled();
    const before = new Map(blobs.thumbnails);
    blobs.thumbnails.clear();
    assert.deepEqual(await thumbnailer.get(source, spec(640, 480), forever), made);
    await thumbnailer.settled();
    assert.deepEqual(new Map([...blobs.thumbnails].toSorted()), new Map([...before].toSorted()));
  });

  it('does not make what another process made while it waited for a slot', async () => {
    const { thumbnailer, blobs, slots } = started.fresh({ slots: 1 });
    const other = started.fresh({ blobs });
    const source = blobs.addSource(await quarters(300, 200).jpeg().toBuffer());
    const slot = await slots.take(forever);
    const waiting = thumbnailer.get(source, spec(96, 96), forever);
    await eventually(() => assert.equal(slots.queued, 1));
    const made = await other.thumbnailer.get(source, spec(96, 96), forever);
    await other.thumbnailer.settled();
    slot[Symbol.dispose]();
    assert.deepEqual(await waiting, made);
    assert.equal(blobs.reads, 1);
  });

  it('describes an image once: size as it is seen, frames, and two placeholders', async () => {
    const { thumbnailer, blobs } = started.fresh();
    const source = blobs.addSource(await quarters(300, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer());
    const info = await thumbnailer.describe(source, forever);
    assert.deepEqual([info.contentType, info.width, info.height, info.frameCount], ['image/jpeg', 200, 300, 1]);
    assert.ok(isBlurhashValid(info.blurhash).result);
    assert.ok(Math.abs(thumbHashToApproximateAspectRatio(Buffer.from(info.thumbhash, 'base64')) - 2 / 3) < 0.2);
    assert.deepEqual(await thumbnailer.describe(source, forever), info);
    assert.equal(blobs.reads, 1);
  });

  it('describes what moves, what is clear, grey and one pixel', async () => {
    const { thumbnailer, blobs } = started.fresh();
    const describeOf = async (bytes: Buffer) => thumbnailer.describe(blobs.addSource(bytes), forever);
    assert.equal((await describeOf((await paintMovingScene({ width: 200, height: 100 })).webp)).frameCount, 3);
    const clear = await describeOf(await plain(64, 64, RED, 0).png().toBuffer());
    assert.equal(clear.thumbhash, Buffer.from(rgbaToThumbHash(64, 64, new Uint8Array(64 * 64 * 4))).toString('base64'));
    assert.deepEqual((await describeOf(await sharp({ create: { width: 1, height: 1, channels: 3, background: '#888' } }).greyscale().png().toBuffer())).width, 1);
    await assert.rejects(describeOf(Buffer.from('no image')), { reason: 'CANNOT_THUMBNAIL' });
  });

  it('prepares the standard sizes of small and large, and makes none of them again', async () => {
    const { thumbnailer, blobs } = started.fresh();
    for (const [width, height, reads] of [[1000, 800, 1], [200, 100, 5]] as const) {
      const source = blobs.addSource(await quarters(width, height).jpeg().toBuffer());
      blobs.reads = 0;
      // a slot that is still being given back looks like one that somebody else has
      await eventually(async () => assert.equal(await thumbnailer.prepare(source, forever), true));
      await thumbnailer.get(source, spec(320, 240), forever);
      assert.equal(blobs.reads, reads);
    }
  });

  it('prepares nothing while there are others who wait, or might have to', async () => {
    const { thumbnailer, blobs, slots } = started.fresh({ slots: 2 });
    const gate = Promise.withResolvers<void>();
    blobs.gate = gate.promise;
    const bytes = await quarters(1000, 800).jpeg().toBuffer();
    const running = thumbnailer.get(blobs.addSource(bytes), spec(96, 96), forever);
    await eventually(() => assert.equal(slots.busy, 1));
    assert.equal(await thumbnailer.prepare(blobs.addSource(bytes), forever), false);
    gate.resolve();
    await running;
    await thumbnailer.settled();
    assert.equal(await thumbnailer.prepare(blobs.addSource(bytes), forever), true);
  });

  describe('when it is busy', () => {
    const asked = spec(96, 96);
    const cases: Readonly<Record<string, readonly [make: () => Promise<Buffer>, contentType: string | undefined]>> = {
      'a still no larger than asked': [() => quarters(96, 50).png().toBuffer(), 'image/png'],
      'a small JPEG': [() => quarters(10, 10).jpeg().toBuffer(), 'image/jpeg'],
      'a still that is larger': [() => quarters(97, 50).png().toBuffer(), undefined],
      'what moves': [async () => (await paintMovingScene({ width: 64, height: 64 })).gif, undefined],
      'a type that not every client shows': [() => quarters(20, 20).webp().toBuffer(), undefined],
      'what is no image': [async () => Buffer.from('no image'), undefined],
      'many bytes': [async () => Buffer.concat([await noise(90, 90).png().toBuffer(), Buffer.alloc(300_000)]), undefined],
    };
    for (const [name, [make, contentType]] of Object.entries(cases)) {
      it(`${contentType === undefined ? 'refuses' : 'gives the original of'} ${name}`, async () => {
        const { thumbnailer, blobs } = started.fresh({ slots: 0, maxQueued: 0 });
        const bytes = await make();
        const answer = thumbnailer.get(blobs.addSource(bytes), asked, forever);
        if (contentType === undefined) return assert.rejects(answer, { reason: 'BUSY', retryAfterMs: 1000 });
        assert.deepEqual({ ...(await answer), key: undefined }, { key: undefined, contentType, sizeBytes: bytes.byteLength, bytes });
      });
    }
  });

  it('spends one time limit on the queue and the work', async () => {
    const { thumbnailer, blobs, slots } = started.fresh({ slots: 1, timeoutMs: 400 });
    const first = await slots.take(forever);
    blobs.gate = new Promise(() => undefined);
    const startedAt = performance.now();
    const late = thumbnailer.get(blobs.addSource(await quarters(300, 200).jpeg().toBuffer()), spec(96, 96), forever);
    await eventually(() => assert.equal(slots.queued, 1));
    setTimeout(() => first[Symbol.dispose](), 150);
    await assert.rejects(late, { reason: 'TIMED_OUT' });
    assert.ok(performance.now() - startedAt < 540, 'the wait was not counted');
  });
});
