import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { acquireRealStores, embeddedStores, type Pair, type Stores } from '../harness/stores.ts';
import { failuresOf } from './is-good.ts';
import { runRolling } from './run.ts';

const SEED = 38;

async function failsNobody(t: TestContext, pair: Pair, stores: Stores): Promise<void> {
  const { report, problems, excerpt } = await runRolling({ pair, stores, seed: SEED, rounds: 1 });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual([...failuresOf(report), ...problems], [], `seed ${SEED}\n${problems.join('\n')}\n${excerpt}`);
}

it('restarting every process of every service fails no request on SQLite and a folder', { timeout: 400_000 }, (t) => failsNobody(t, 'embedded', embeddedStores()));

it('restarting every process of every service fails no request on MongoDB and S3', { timeout: 400_000 }, async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  if (stores !== undefined) await failsNobody(t, 'real', stores);
});

it('requests that fail are counted: gateways that are killed instead of asked to end fail some', { timeout: 240_000 }, async (t) => {
  const { report } = await runRolling({ pair: 'embedded', stores: embeddedStores(), seed: SEED, services: ['gateway'], rounds: 1, ending: 'SIGKILL' });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.failed > 0);
  assert.ok(failuresOf(report).includes(`${report.failed} requests failed`));
});
