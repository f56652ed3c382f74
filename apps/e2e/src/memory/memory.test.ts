import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { CAN_LOOK_INTO_PROCESSES } from '../harness/processes.ts';
import { acquireRealStores, embeddedStores, type Pair, type Stores } from '../harness/stores.ts';
import { overBound } from './growth.ts';
import { limitOf, runMemory } from './run.ts';

const MIB = 2 ** 20;
/** `MEDLEY_TEST_MEMORY_COUNT=50 MEDLEY_TEST_MEMORY_MIB=100` is the full size. */
const SIZES = { count: Number(process.env['MEDLEY_TEST_MEMORY_COUNT'] ?? 20), mib: Number(process.env['MEDLEY_TEST_MEMORY_MIB'] ?? 32) };

async function staysBounded(t: TestContext, pair: Pair, stores: Stores): Promise<void> {
  const { growths } = await runMemory({ pair, stores, seed: 1, ...SIZES });
  const lines = growths.map(({ name, what, growthBytes, boundBytes }) => `${name} ${(growthBytes / MIB).toFixed(0)} of ${boundBytes / MIB} MiB in ${what}`);
  const text = `${SIZES.count} bodies of ${SIZES.mib} MiB at once, growth: ${lines.join(', ')}`;
  t.diagnostic(text);
  assert.deepEqual(overBound(growths), [], text);
}

const options = { timeout: 2 * limitOf(SIZES), skip: CAN_LOOK_INTO_PROCESSES ? false : 'only Linux tells how much memory a process had' };

it('no process grows by more than its configuration says, however large bodies are, on SQLite and a folder', options, (t) => staysBounded(t, 'embedded', embeddedStores()));

it('no process grows by more than its configuration says, however large bodies are, on MongoDB and S3', options, async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  if (stores !== undefined) await staysBounded(t, 'real', stores);
});
