import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { quietTelemetry } from '@medley/testing/telemetry';
import { DecoderPool } from './decoder/decoder-pool.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import { row } from './testing/corpus.ts';
import { changedFiles } from './testing/hostile-shapes.ts';
import { quarters } from './testing/images.ts';
import { judgeCorpus, summarize } from './testing/judge-corpus.ts';
import type { Decoders } from './testing/run-corpus.ts';
import { LIMITS } from './testing/thumbnails.ts';

const MIB = 2 ** 20;
const HELD_MIB = 200;
const ROWS = [row('a photo', ['made'], () => quarters(90, 70).jpeg().toBuffer())];

/** Decoders that do as a defect would; `pid` is whose memory is looked at. */
function broken(run: () => Promise<void>, pids: readonly number[] = []): Decoders {
  return { pids, async *run() {
    await run();
    yield Buffer.alloc(0);
  } };
}

test('decoders that work are found to', async () => {
  using pool = new DecoderPool(quietTelemetry().log, { sandbox: new Sandbox(), maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes });
  const { crashes, unexpected, files, slowestMs } = summarize(await judgeCorpus(pool, ROWS));
  assert.deepEqual([crashes, unexpected, files], [0, 0, 2]);
  assert.ok(slowestMs !== undefined && slowestMs > 0);
});

test('a decoder that fails as nobody expects is a crash, and the rows after it are run', async () => {
  const { crashes, costs } = await judgeCorpus(broken(() => Promise.reject(new TypeError('planted'))), ROWS);
  assert.deepEqual([crashes, costs], [['a photo: TypeError: planted', 'a photo after all of it: TypeError: planted'], []]);
});

test('a photo that is refused is not what was expected', async () => {
  const { unexpected } = await judgeCorpus(broken(() => Promise.reject(new MediaError('CANNOT_THUMBNAIL', 'planted'))), ROWS);
  assert.deepEqual(unexpected, ['a photo: CANNOT_THUMBNAIL', 'a photo after all of it: CANNOT_THUMBNAIL']);
});

test('a decoder that takes its time is told by it', async () => {
  const { slowestMs } = summarize(await judgeCorpus(broken(() => sleep(300)), ROWS));
  assert.ok(slowestMs !== undefined && slowestMs >= 290, `${slowestMs} ms`);
});

test('a decoder that takes memory is told by it', { skip: process.platform !== 'linux' && 'only Linux tells' }, async () => {
  const held: Buffer[] = [];
  const { largestMiB } = summarize(await judgeCorpus(broken(async () => void held.push(Buffer.alloc(HELD_MIB * MIB, 1)), [process.pid]), []));
  assert.ok(held.length === 1 && largestMiB >= HELD_MIB, `${largestMiB} MiB`);
});

test('a seed makes the same changed files each time, and another seed makes others', async () => {
  const make = async (seed: number): Promise<string> => Buffer.concat([...((await changedFiles(4, seed).find(({ name }) => name === 'changed: bmp')?.files()) ?? [])]).toString('base64');
  assert.equal(await make(1), await make(1));
  assert.notEqual(await make(1), await make(2));
});
