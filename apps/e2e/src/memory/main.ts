import { parseArgs } from 'node:util';
import { conclude, openStores } from '../harness/command.ts';
import { overBound } from './growth.ts';
import { runMemory } from './run.ts';

/** `node apps/e2e/src/memory/main.ts --count 50 --mib 100 --seed 1 --stores embedded|real`: says how every process grew as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '20' },
      mib: { type: 'string', default: '32' },
      seed: { type: 'string', default: '1' },
      stores: { type: 'string', default: 'embedded' },
    },
  });
  const sizes = { count: Number(values.count), mib: Number(values.mib) };
  const report = await runMemory({ ...await openStores(values.stores), ...sizes, seed: Number(values.seed) });
  conclude(report, overBound(report.growths).map(({ name, what, growthBytes, boundBytes }) => `${name} grew by ${growthBytes} of ${boundBytes} bytes in ${what}`));
}

await main();
