import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { originalAt } from '@medley/domain/blob-key';
import { toTargets } from './derived-key.ts';
import type { Making } from './making.ts';
import { Makings } from './makings.ts';
import { spec } from './testing/thumbnails.ts';
import type { Thumbnail } from './thumbnail.ts';

const SOURCE = originalAt({ digest: 'a'.repeat(64), store: '' });
const forever = new AbortController().signal;
const of32 = toTargets(SOURCE, spec(32, 32, 'crop'));
const of96 = toTargets(SOURCE, spec(96, 96, 'crop'));

describe('Makings', () => {
  it('makes one thumbnail once for all who ask meanwhile', async () => {
    const { makings, started } = setUp((making) => deliver(making, 1));
    const [one, other] = await Promise.all([makings.get(of32, forever), makings.get(of32, forever)]);
    assert.equal(one, other);
    assert.equal(started.length, 1);
  });

  it('answers another size from the same making', async () => {
    const { makings, started } = setUp((making) => deliver(making, 5));
    const [one, other] = await Promise.all([makings.get(of32, forever), makings.get(of96, forever)]);
    assert.deepEqual([one.key, other.key], [of32[0].key, of96[0].key]);
    assert.equal(started.length, 1);
  });

  it('starts another making for a size that the first did not make', async () => {
    const { makings, started } = setUp((making) => deliver(making, 1));
    const [one, other] = await Promise.all([makings.get(of32, forever), makings.get(of96, forever)]);
    assert.deepEqual([one.key, other.key], [of32[0].key, of96[0].key]);
    assert.equal(started.length, 2);
  });

  it('fails whoever asked when the making comes to its end without what was asked', async () => {
    const { makings } = setUp(() => undefined);
    await assert.rejects(makings.get(of32, forever), /without what was asked/);
  });

  it('fails all who wait when it fails, and starts anew for the next', async () => {
    let hasFailed = false;
    const { makings } = setUp((making) => {
      if (hasFailed) return deliver(making, 1);
      hasFailed = true;
      throw new Error('broken');
    });
    const waiting = await Promise.allSettled([makings.get(of32, forever), makings.get(of96, forever)]);
    assert.deepEqual(waiting.map(({ status }) => status), ['rejected', 'rejected']);
    assert.deepEqual((await makings.get(of32, forever)).key, of32[0].key);
  });

  it('goes on while one caller still waits', async () => {
    const gate = Promise.withResolvers<void>();
    const { makings, started } = setUp(async (making) => {
      await gate.promise;
      making.begin();
      deliver(making, 1);
    });
    const leaving = new AbortController();
    const left = makings.get(of32, leaving.signal);
    const stays = makings.get(of32, forever);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    gate.resolve();
    assert.deepEqual((await stays).key, of32[0].key);
    assert.equal(started.length, 1);
  });

  it('is given up when all have left before it began, and whoever comes then starts anew', async () => {
    const { makings, started } = setUp(async (making) => {
      if (started.length === 1) await endAfter(making.abandoned);
      deliver(making, 1);
    });
    const leaving = new AbortController();
    const left = makings.get(of32, leaving.signal);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    assert.deepEqual((await makings.get(of32, forever)).key, of32[0].key);
    assert.equal(started.length, 2);
    await makings.settled();
  });

  it('is not given up once it has begun', async () => {
    const gate = Promise.withResolvers<void>();
    const { makings, started } = setUp(async (making) => {
      making.begin();
      await gate.promise;
      deliver(making, 1);
    });
    const leaving = new AbortController();
    const left = makings.get(of32, leaving.signal);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    const next = makings.get(of32, forever);
    gate.resolve();
    assert.deepEqual((await next).key, of32[0].key);
    assert.equal(started.length, 1);
  });
});

function setUp(work: (making: Making) => void | Promise<void>): { makings: Makings; started: Making[] } {
  const started: Making[] = [];
  const makings = new Makings(async (making) => {
    started.push(making);
    await work(making);
  });
  return { makings, started };
}

/** Fails some turns after the abort, as work does that has something to clean up. */
function endAfter(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => setImmediate(reject, signal.reason)));
}

function deliver(making: Making, count: number): void {
  for (const target of making.targets.slice(0, count)) {
    const thumbnail: Thumbnail = { key: target.key, contentType: 'image/png', sizeBytes: 1, bytes: undefined };
    making.deliver(target, Promise.resolve(thumbnail));
  }
}
