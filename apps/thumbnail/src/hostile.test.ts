import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { quietTelemetry } from '@medley/testing/telemetry';
import { DecoderPool } from './decoder/decoder-pool.ts';
import { Tools } from './pipeline/tools/tools.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import { row, type Row } from './testing/corpus.ts';
import { quarters } from './testing/images.ts';
import { CORPUS, DEADLINE_MS, runRow, type Cost } from './testing/run-corpus.ts';
import { LIMITS } from './testing/thumbnails.ts';

const MIB = 2 ** 20;
/** What is refused by its header is not decoded; a slow machine may still have to start a process first. */
const MAX_HEADER_MS = 2000;
/** The watch looks every 20 ms, in which a decoder may take some more. */
const MAX_BYTES = 640 * MIB;

describe('the hostile corpus', () => {
  const costs: Cost[] = [];
  let pool: DecoderPool;

  before(() => {
    const sandbox = new Sandbox();
    pool = new DecoderPool(quietTelemetry().log, { sandbox, maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes, tools: new Tools(sandbox) });
  });

  after(() => {
    pool[Symbol.dispose]();
    const slowest = costs.reduce((one, other) => (other.worstMs > one.worstMs ? other : one));
    const largest = costs.reduce((one, other) => (other.worstBytes > one.worstBytes ? other : one));
    process.stdout.write(`worst time ${slowest.worstMs} ms (${slowest.name}), worst memory ${Math.round(largest.worstBytes / MIB)} MiB (${largest.name})\n`);
  });

  for (const one of CORPUS) {
    it(`${one.name}: ${one.expected.join(' or ')}, in bounded time and memory`, async () => {
      const cost = await runRow(pool, one);
      costs.push(cost);
      for (const outcome of cost.outcomes) assert.ok(one.expected.includes(outcome), `${outcome} is not expected`);
      assert.ok(cost.worstMs < maxMs(one), `${cost.worstMs} ms`);
      assert.ok(cost.worstBytes < MAX_BYTES, `${cost.worstBytes} bytes`);
    });
  }

  it('leaves the decoders working', async () => {
    const { outcomes } = await runRow(pool, row('a photo', ['made'], () => quarters(900, 700).jpeg().toBuffer()));
    assert.deepEqual(outcomes, ['made']);
  });
});

function maxMs({ expected }: Row): number {
  return expected.every((outcome) => outcome === 'TOO_LARGE') ? MAX_HEADER_MS : DEADLINE_MS + MAX_HEADER_MS;
}
