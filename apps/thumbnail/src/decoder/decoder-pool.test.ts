import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import type { MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { noise, quarters } from '../testing/images.ts';
import { LIMITS, spec, standardFrom } from '../testing/thumbnails.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { DecoderPool } from './decoder-pool.ts';
import { toDataLimit } from './memory.ts';

const forever = new AbortController().signal;
const sandbox = new Sandbox();
const JOB = { specs: [spec(32, 32, 'crop')], limits: LIMITS };

describe('DecoderPool', () => {
  let source: Buffer;

  before(async () => {
    source = await quarters(400, 300).jpeg().toBuffer();
  });

  it('makes thumbnails in a warm process, and the same process makes the next', async () => {
    using pool = startPool();
    await eventually(() => assert.deepEqual(pool.readiness(), []));
    const pids = pool.pids;
    const one = await run(pool, source);
    assert.ok(one.equals(await run(pool, source)));
    assert.deepEqual(pool.pids, pids);
  });

  it('works with as many processes as there are jobs at once, which make the same bytes', async () => {
    using pool = startPool();
    const photo = await noise(900, 700).jpeg().toBuffer();
    const all = { specs: standardFrom(640), limits: LIMITS };
    const made = await Promise.all([1, 2].map(() => Array.fromAsync(pool.run(all, photo, forever))));
    assert.equal(pool.pids.length, 2);
    assert.equal(made[0]?.length, 5);
    assert.deepEqual(made[0], made[1]);
  });

  it('tells what the pipeline refuses, and works on', async () => {
    using pool = startPool();
    await assert.rejects(run(pool, Buffer.from('no image')), { reason: 'CANNOT_THUMBNAIL' });
    const small = { ...JOB, limits: { ...LIMITS, maxPixels: 100 } };
    await assert.rejects(Array.fromAsync(pool.run(small, source, forever)), { reason: 'TOO_LARGE' });
    await run(pool, source);
    assert.equal(pool.pids.length, 1);
  });

  it('kills a decode that takes too long, and works on', async () => {
    using pool = startPool();
    const pid = await stopDecoder(pool);
    await assert.rejects(Array.fromAsync(pool.run(JOB, source, AbortSignal.timeout(50))), { reason: 'CANNOT_THUMBNAIL' });
    await eventually(() => assert.ok(!pool.pids.includes(pid)));
    assert.throws(() => process.kill(pid, 0));
    await run(pool, source);
  });

  it('fails only the job whose process dies, and works on', async () => {
    using pool = startPool();
    const pid = await stopDecoder(pool);
    const dying = assert.rejects(run(pool, source), ({ reason, cause }: MediaError) => reason === 'CANNOT_THUMBNAIL' && String(cause).includes('SIGKILL'));
    process.kill(pid, 'SIGKILL');
    await dying;
    await run(pool, source);
  });

  it('replaces a process that died with nothing to do', async () => {
    using pool = startPool();
    const pid = await stopDecoder(pool);
    process.kill(pid, 'SIGKILL');
    await eventually(() => assert.deepEqual(pool.pids, []));
    await run(pool, source);
  });

  it('replaces a process after so many jobs', async () => {
    using pool = startPool(2);
    const pid = await firstPid(pool);
    for (let job = 0; job < 3; job += 1) await run(pool, source);
    assert.ok(!pool.pids.includes(pid));
  });

  it('kills the process when the loop over its thumbnails is left', async () => {
    using pool = startPool();
    const pid = await firstPid(pool);
    const photo = await noise(900, 700).jpeg().toBuffer();
    for await (const _thumbnail of pool.run({ specs: standardFrom(32), limits: LIMITS }, photo, forever)) break;
    await eventually(() => assert.ok(!pool.pids.includes(pid)));
    await run(pool, source);
  });

  it('gives its processes no secrets', async () => {
    process.env['MEDLEY_SECRET'] = 'secret';
    using pool = startPool();
    const environment = await readFile(`/proc/${await firstPid(pool)}/environ`, 'utf8');
    assert.deepEqual(environment.split('\0').filter(Boolean).map((entry) => entry.split('=')[0]).toSorted(), ['MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'VIPS_BLOCK_UNTRUSTED']);
  });

  it('gives its processes no network, where that is permitted', { skip: !sandbox.hasNoNetwork && 'no network of its own is permitted' }, async () => {
    using pool = startPool();
    const interfaces = await readFile(`/proc/${await firstPid(pool)}/net/dev`, 'utf8');
    assert.deepEqual([...interfaces.matchAll(/^ *(\w+):/gm)].map(([, name]) => name), ['lo']);
  });

  it('limits the memory and the files of its processes, where that is permitted', { skip: !sandbox.hasLimits && 'prlimit is not there' }, async () => {
    using pool = startPool();
    const limits = await readFile(`/proc/${await firstPid(pool)}/limits`, 'utf8');
    assert.match(limits, new RegExp(`Max data size +${toDataLimit(LIMITS.maxMemoryBytes)} `));
    assert.match(limits, /Max open files +64 /);
  });

  it('leaves no process behind when it is closed', async () => {
    const pool = startPool();
    const pid = await firstPid(pool);
    pool[Symbol.dispose]();
    await eventually(() => assert.throws(() => process.kill(pid, 0)));
  });
});

function startPool(maxJobs = 500): DecoderPool {
  return new DecoderPool(quietTelemetry().log, { sandbox, maxJobs, maxMemoryBytes: LIMITS.maxMemoryBytes });
}

async function run(pool: DecoderPool, source: Buffer): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pool.run(JOB, source, forever)));
}

async function firstPid(pool: DecoderPool): Promise<number> {
  await eventually(() => assert.deepEqual(pool.readiness(), []));
  return pool.pids[0] ?? assert.fail('no process');
}

/** Halts the one process, as a decode that never ends would. */
async function stopDecoder(pool: DecoderPool): Promise<number> {
  const pid = await firstPid(pool);
  process.kill(pid, 'SIGSTOP');
  return pid;
}
