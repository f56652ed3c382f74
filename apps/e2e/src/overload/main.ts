import { parseArgs } from 'node:util';
import { conclude } from '../harness/command.ts';
import { KIND_NAMES } from './kinds.ts';
import { runOverload } from './run.ts';

/** `node apps/e2e/src/overload/main.ts [--only thumbnail,download,upload] [--rounds 3] [--seconds 4] [--times 4]`: says what is left of the good-put under overload as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: KIND_NAMES.join(',') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      times: { type: 'string', default: '4' },
    },
  });
  const kinds = KIND_NAMES.filter((name) => values.only.split(',').includes(name));
  const report = await runOverload({ kinds, rounds: Number(values.rounds), seconds: Number(values.seconds), times: Number(values.times) });
  conclude(report, report.failed === 0 ? [] : [`${report.failed} requests failed: ${report.failures.join(', ')}`]);
}

await main();
