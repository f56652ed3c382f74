/**
 * `node apps/thumbnail/src/testing/measure-corpus.ts [--seed 1] [--mutations 20] [--all]`: runs the hostile corpus, and so many
 * more changed files of each kind, through a decoder, as the service would, and prints one line of JSON: what became of them,
 * the worst time and memory; with `--all` each row. Ends with 1 if a file did what none may.
 */
import { parseArgs } from 'node:util';
import { quietTelemetry } from '@medley/testing/telemetry';
import { DecoderPool } from '../decoder/decoder-pool.ts';
import { Tools } from '../pipeline/tools/tools.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { changedFiles } from './hostile-shapes.ts';
import { judgeCorpus, summarize } from './judge-corpus.ts';
import { CORPUS } from './run-corpus.ts';
import { LIMITS } from './thumbnails.ts';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({ options: { seed: text('1'), mutations: text('20'), all: { type: 'boolean', default: false } } });
const [seed, mutations] = [Number(values.seed), Number(values.mutations)];

const sandbox = new Sandbox();
const tools = new Tools(sandbox);
using pool = new DecoderPool(quietTelemetry().log, { sandbox, maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes, tools });
// The generator stands still at 0, and starts of one another's neighbours look alike.
const judged = await judgeCorpus(pool, [...CORPUS, ...changedFiles(mutations, seed * 7919 + 1)]);

const summary = {
  ...summarize(judged), mutations, parentMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  tools: tools.names, hasLimits: sandbox.hasLimits, hasNoNetwork: sandbox.hasNoNetwork,
};
for (const problem of [...judged.crashes, ...judged.unexpected]) process.stderr.write(`${problem}\n`);
process.stdout.write(`${JSON.stringify(values.all ? { ...summary, costs: judged.costs } : summary)}\n`);
process.exitCode = judged.crashes.length + judged.unexpected.length === 0 ? 0 : 1;
