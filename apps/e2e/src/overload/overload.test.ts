import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { Config } from '../harness/site.ts';
import { runOverload, type KindReport } from './run.ts';

/** Lets in whatever comes. */
const UNSHED: Config = { listen: { max_requests: 100_000, max_requests_per_address: 0, max_delay: 0, max_finish: 0 } };
/** The figure asks for more; here other tests run meanwhile, which are not the same in both halves of a round. */
const SOME_PERCENT = 50;
/** More than the figure offers, so that a gateway without a door is lost within these seconds. */
const TIMES = 8;

async function overloadUploads(t: TestContext, config: Config): Promise<KindReport> {
  const { kinds: [report], failed, failures } = await runOverload({ kinds: ['upload'], rounds: 1, seconds: 8, times: TIMES, config });
  assert.ok(report);
  t.diagnostic(JSON.stringify(report));
  assert.equal(failed, 0, failures.join());
  return report;
}

it('offered many times what it can do, a gateway does most of what it can, and refuses the rest; one that lets in whatever comes takes much longer for all', { timeout: 240_000 }, async (t) => {
  const { goodPutPercent, refusedPerSecond, waitMedianMs } = await overloadUploads(t, {});
  assert.ok(goodPutPercent >= SOME_PERCENT, `${goodPutPercent} %`);
  assert.ok((refusedPerSecond[0] ?? 0) > 0);
  const unshed = await overloadUploads(t, UNSHED);
  assert.equal(unshed.refusedPerSecond[0], 0);
  // whether that costs good-put within seconds depends on the machine
  assert.ok((unshed.waitMedianMs ?? Infinity) > 2 * (waitMedianMs ?? 0), `${unshed.waitMedianMs} ms, and ${waitMedianMs} ms with the door`);
});
