import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { acquireRealStores, embeddedStores, type Pair, type Stores } from '../harness/stores.ts';
import { failuresOf } from './is-good.ts';
import { runCrash } from './run.ts';

const SEED = Number(process.env['MEDLEY_CRASH_SEED'] ?? 20_261);
const SECONDS = Number(process.env['MEDLEY_CRASH_SECONDS'] ?? 60);
/** On a busy machine, under load; recovery.test.ts says how long it takes on others. */
const RECOVERED_WITHIN_MS = 30_000;
/** The load, the last sweeps and the last downloads; far more than they need. */
const LIMIT_MS = SECONDS * 2000 + 240_000;

async function keepsPromises(t: TestContext, pair: Pair, stores: Stores): Promise<void> {
  const { report, problems, excerpt } = await runCrash({ pair, stores, seed: SEED, seconds: SECONDS });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual(failuresOf(report), {}, `seed ${SEED}:\n${problems.join('\n')}\n${excerpt}`);
  assert.ok(report.maxRecoverMs < RECOVERED_WITHIN_MS, `all was ready again only after ${report.maxRecoverMs} ms`);
  assert.ok(report.acknowledged > SECONDS, `no load: ${report.acknowledged} uploads`);
}

it(`processes that die at every named point, and at any moment, break no promise on SQLite and a folder (seed ${SEED})`, { timeout: LIMIT_MS }, (t) =>
  keepsPromises(t, 'embedded', embeddedStores()));

it(`processes that die at every named point, and at any moment, break no promise on MongoDB and S3 (seed ${SEED})`, { timeout: LIMIT_MS }, async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  // The run takes them over; disposing of them twice does no harm.
  if (stores !== undefined) await keepsPromises(t, 'real', stores);
});
