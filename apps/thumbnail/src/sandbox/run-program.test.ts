import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { runProgram } from './run-program.ts';
import { Sandbox, type Command } from './sandbox.ts';

const forever = new AbortController().signal;
const options = { cwd: tmpdir(), maxOutputBytes: 1000 };

describe('runProgram', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'test-run-'));
  });

  after(() => rm(folder, { recursive: true }));

  it('returns what the program writes, which knows nothing of our environment', async () => {
    process.env['MEDLEY_SECRET'] = 'secret';
    const output = await runProgram(node('process.stdout.write(JSON.stringify([process.env.MEDLEY_SECRET ?? "none", process.cwd()]))'), options, forever);
    assert.deepEqual(JSON.parse(output.toString()), ['none', tmpdir()]);
  });

  it('fails when the program fails, is not there, or writes too much', async () => {
    await assert.rejects(runProgram(node('process.exit(3)'), options, forever), /3/);
    await assert.rejects(runProgram(['/nowhere/at-all'], options, forever), /ENOENT/);
    await assert.rejects(runProgram(node('setInterval(() => process.stdout.write("x".repeat(500)), 1)'), options, forever), /more than 1000 bytes/);
  });

  it('kills the program and what it started when the signal aborts', async () => {
    const child = 'setInterval(() => {}, 1000)';
    const abort = new AbortController();
    const code = `const child = require("node:child_process").spawn(process.execPath, ["-e", "${child}"]); require("node:fs").writeFileSync("${folder}/pids", process.pid + " " + child.pid); ${child}`;
    const running = assert.rejects(runProgram(node(code), options, abort.signal), { name: 'AbortError' });
    const pids = await eventually(async () => {
      const found = (await readFile(`${folder}/pids`, 'utf8')).split(' ').map(Number);
      assert.equal(found.length, 2);
      return found;
    });
    abort.abort();
    await running;
    for (const pid of pids) await eventually(async () => assert.ok(await isGone(pid)));
  });

  const sandbox = new Sandbox();
  it('may not write files, nor hold memory, beyond its limits', { skip: !sandbox.hasLimits && 'prlimit is not there' }, async () => {
    const file = `${folder}/large`;
    await assert.rejects(runProgram(sandbox.wrap(node(`require("node:fs").writeFileSync("${file}", Buffer.alloc(9999))`), { fsize: 5000 }), options, forever));
    await assert.rejects(runProgram(sandbox.wrap(node('Buffer.alloc(2 ** 30, 1)'), { data: 2 ** 30 }), options, forever));
  });

  it('reaches no network', { skip: !sandbox.hasNoNetwork && 'no network of its own is permitted' }, async () => {
    const output = await runProgram(sandbox.wrap(node('process.stdout.write(String(Object.keys(require("node:os").networkInterfaces())))'), {}), options, forever);
    assert.equal(output.toString().replace('lo', ''), '');
  });
});

function node(code: string): Command {
  return [process.execPath, '-e', code];
}

/** Gone, or dead and only waiting for its parent to notice. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State: Z');
  return /State:\s+Z/.test(status);
}
