import { parseArgs } from 'node:util';
import { conclude, openStores } from '../harness/command.ts';
import { overBound } from '../memory/growth.ts';
import { runJobs } from './run.ts';

/** `node apps/e2e/src/jobs/main.ts --count 100000 --stores embedded|real`: says how long it took and how processes grew as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '5000' }, stores: { type: 'string', default: 'embedded' } } });
  const report = await runJobs({ ...await openStores(values.stores), count: Number(values.count) });
  conclude(report, overBound(report.growths).map(({ name, what, growthBytes, boundBytes }) => `${name} grew by ${growthBytes} of ${boundBytes} bytes in ${what}`));
}

await main();
