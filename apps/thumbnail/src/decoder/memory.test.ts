import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MODULE = fileURLToPath(new URL('memory.ts', import.meta.url));

describe('watchMemory', () => {
  it('kills the process that holds more, and no other', () => {
    assert.equal(runWith(400), 'SIGKILL');
    assert.equal(runWith(10), null);
  });

  it('kills nothing once it is disposed', () => {
    assert.equal(runWith(400, 'watch[Symbol.dispose]();'), null);
  });
});

/** Runs a process that fills so many MiB under a watch for a decode of nothing; how it ended. */
function runWith(mebibytes: number, then = ''): NodeJS.Signals | null {
  const code = `const { watchMemory } = await import(${JSON.stringify(MODULE)});
    const watch = watchMemory(0); ${then}
    const filled = Buffer.alloc(${mebibytes} * 2 ** 20, 1);
    setTimeout(() => process.exit(filled.length > 0 ? 0 : 1), 500);`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code]).signal;
}
