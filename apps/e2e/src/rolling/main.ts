import { parseArgs } from 'node:util';
import { conclude, openStores, say } from '../harness/command.ts';
import { failuresOf } from './is-good.ts';
import { runRolling } from './run.ts';

/** `node apps/e2e/src/rolling/main.ts --seed 38 --stores embedded|real`: restarts everything under load and says what failed as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '38' }, stores: { type: 'string', default: 'embedded' } } });
  const { report, problems, excerpt } = await runRolling({ ...await openStores(values.stores), seed: Number(values.seed), onProgress: say });
  const failures = failuresOf(report);
  conclude(report, failures.length === 0 ? [] : [excerpt, ...problems, ...failures]);
}

await main();
