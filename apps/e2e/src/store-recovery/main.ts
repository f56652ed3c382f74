import { parseArgs } from 'node:util';
import { conclude, orFail } from '../harness/command.ts';
import { startFaultySystem } from '../harness/faulty-system.ts';
import { runStoreRecovery, STORES } from './run.ts';

const LIMIT_MS = 10_000;

/** `node apps/e2e/src/store-recovery/main.ts --outage-seconds 5`: how soon all works again after stores were down, as one line of JSON. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'outage-seconds': { type: 'string', default: '5' } } });
  await using faulty = orFail(await startFaultySystem());
  const report = await runStoreRecovery(faulty, { outageMs: Number(values['outage-seconds']) * 1000, limitMs: LIMIT_MS });
  conclude(report, STORES.filter((store) => report.recoveredMs[store] === null).map((store) => `not recovered within ${LIMIT_MS} ms: ${store}`));
}

await main();
