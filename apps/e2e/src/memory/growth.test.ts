import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { it } from 'node:test';
import { randomBody, repeatChunk } from '../harness/bodies.ts';
import { memoryBound } from '../harness/memory-bounds.ts';
import { CAN_LOOK_INTO_PROCESSES } from '../harness/processes.ts';
import { measureGrowth, overBound, type Growth } from './growth.ts';

const MIB = 2 ** 20;
const BOUND_BYTES = memoryBound({ service: 'metadata', transfers: 0, uploadMemoryBytes: 0 });
const SENT_MIB = 160;
const options = { timeout: 60_000, skip: CAN_LOOK_INTO_PROCESSES ? false : 'only Linux tells how much memory a process had' };

/** How a process grows that is sent more than its bound, and keeps it or not. */
async function growthOf(how: 'keep' | 'drop'): Promise<readonly Growth[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hoarder.fixture.ts'), how], { stdio: ['pipe', 'pipe', 'inherit'] });
  assert.ok(child.pid);
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const receive = async (totalMib: number): Promise<void> => {
      for (let sizeBytes = 0; sizeBytes < totalMib * MIB; ) sizeBytes = Number((await lines.next()).value);
    };
    child.stdin.write(randomBody(MIB));
    await receive(1);
    return await measureGrowth('being sent bytes', [{ name: 'child', pid: child.pid, boundBytes: BOUND_BYTES }], async () => {
      Readable.from(repeatChunk(randomBody(MIB), SENT_MIB)).pipe(child.stdin, { end: false });
      await receive(1 + SENT_MIB);
    });
  } finally {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  }
}

it('a process that keeps what it is sent is seen over its bound', options, async (t) => {
  const growths = await growthOf('keep');
  t.diagnostic(JSON.stringify(growths));
  assert.deepEqual(overBound(growths), growths);
});

it('a process that only passes over what it is sent is not', options, async (t) => {
  const growths = await growthOf('drop');
  t.diagnostic(JSON.stringify(growths));
  assert.deepEqual(overBound(growths), []);
});
