import { parseArgs } from 'node:util';
import { isUnavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores, embeddedStores, type Pair } from '../harness/stores.ts';
import { isGood } from './is-good.ts';
import { runCrash } from './run.ts';

/** `npm run crash -- --seconds 600 --seed 7 --stores embedded|real`: a long run, which says its result as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, stores: { type: 'string', default: 'embedded' } },
  });
  const pair: Pair = values.stores === 'real' ? 'real' : 'embedded';
  const stores = pair === 'real' ? await acquireRealStores() : embeddedStores();
  if (isUnavailable(stores)) throw new Error(stores.unavailable);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const run = await runCrash({ pair, stores, seed: Number(values.seed), seconds: Number(values.seconds), onProgress: say });
  process.stdout.write(`${JSON.stringify(run.report)}\n`);
  if (isGood(run.report)) return;
  say([...run.problems, run.excerpt].join('\n'));
  process.exitCode = 1;
}

await main();
