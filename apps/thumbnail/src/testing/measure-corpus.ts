/**
 * `node apps/thumbnail/src/testing/measure-corpus.ts`: runs the hostile corpus through a decoder, as the service would,
 * and prints one line of JSON: how many files, what became of them, the worst time and memory; with `--all` each row.
 */
import { Tools } from '../pipeline/tools/tools.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { DecoderPool } from '../decoder/decoder-pool.ts';
import { quietTelemetry } from '@medley/testing/telemetry';
import { CORPUS, runRow, type Cost } from './run-corpus.ts';
import { LIMITS } from './thumbnails.ts';

const sandbox = new Sandbox();
const tools = new Tools(sandbox);
using pool = new DecoderPool(quietTelemetry().log, { sandbox, maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes, tools });
const costs: Cost[] = [];
for (const row of CORPUS) costs.push(await runRow(pool, row));

const slowest = costs.toSorted((one, other) => other.worstMs - one.worstMs);
const largest = costs.toSorted((one, other) => other.worstBytes - one.worstBytes);
const count = (outcome: string): number => costs.filter(({ outcomes }) => outcomes.some((one) => one === outcome)).length;
const summary = {
  rows: costs.length,
  files: costs.reduce((sum, { files }) => sum + files, 0),
  rowsMade: count('made'),
  rowsRefused: count('CANNOT_THUMBNAIL'),
  rowsTooLarge: count('TOO_LARGE'),
  worstMs: slowest.slice(0, 5).map(({ name, worstMs }) => ({ name, worstMs })),
  worstMiB: largest.slice(0, 5).map(({ name, worstBytes }) => ({ name, MiB: Math.round(worstBytes / 2 ** 20) })),
  parentMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  tools: tools.names,
  hasLimits: sandbox.hasLimits,
  hasNoNetwork: sandbox.hasNoNetwork,
};
process.stdout.write(`${JSON.stringify(process.argv.includes('--all') ? { ...summary, costs } : summary)}\n`);
