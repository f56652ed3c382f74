import { parseArgs } from 'node:util';
import { conclude, openStores, say } from '../harness/command.ts';
import { isGood } from './is-good.ts';
import { runCrash } from './run.ts';

/** `npm run crash -- --seconds 600 --seed 7 --stores embedded|real`: a long run, which says its result as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, stores: { type: 'string', default: 'embedded' } },
  });
  const seconds = Number(values.seconds);
  const { report, problems, excerpt } = await runCrash({ ...await openStores(values.stores), seed: Number(values.seed), seconds, onProgress: say });
  // Of nothing, nothing can be lost.
  const idle = report.acknowledged > seconds ? [] : [`no load: ${report.acknowledged} uploads`];
  conclude(report, isGood(report) ? idle : [...problems, excerpt, ...idle]);
}

await main();
