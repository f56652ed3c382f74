import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { CAN_LOOK_INTO_PROCESSES } from '../harness/processes.ts';
import { acquireRealStores, embeddedStores, type Pair, type Stores } from '../harness/stores.ts';
import { overBound } from '../memory/growth.ts';
import { limitOf, runJobs } from './run.ts';

/** `MEDLEY_TEST_JOBS_COUNT=100000` is the full size. */
const COUNT = Number(process.env['MEDLEY_TEST_JOBS_COUNT'] ?? 5000);
/** The MongoDB-protocol server of the tests is many times slower. */
const REAL_COUNT = Math.min(COUNT, 200);

async function staysFlat(t: TestContext, pair: Pair, stores: Stores, count: number): Promise<void> {
  const report = await runJobs({ pair, stores, count });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual(overBound(report.growths), [], JSON.stringify(report));
}

const options = (count: number) => ({ timeout: 2 * limitOf({ count }), skip: CAN_LOOK_INTO_PROCESSES ? false : 'only Linux tells how much memory a process had' });

it('all media of a user is listed, quarantined and deleted with flat memory, on SQLite and a folder', options(COUNT), (t) => staysFlat(t, 'embedded', embeddedStores(), COUNT));

it('all media of a user is listed, quarantined and deleted with flat memory, on MongoDB and S3', options(REAL_COUNT), async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  if (stores !== undefined) await staysFlat(t, 'real', stores, REAL_COUNT);
});
