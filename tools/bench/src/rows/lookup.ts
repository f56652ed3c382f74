import { makeTempDir } from '@medley/testing/temp-dir';
import type { LookupOptions, LookupRun } from '../clients/lookup-client.ts';
import type { Bench } from '../harness/bench.ts';
import { playContest } from '../harness/contest.ts';
import type { Finding } from '../harness/finding.ts';
import { startMedley } from '../harness/medley.ts';
import type { Side, Work } from '../harness/rounds.ts';
import { Worker } from '../harness/worker.ts';

const CONCURRENT = 32;
const RECORDS = 2000;

/** Records that are not in memory: gathered into one call per turn of the event loop, and each by a call of its own. */
export async function lookup(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel }));
  const client = stack.use(await Worker.start('clients/lookup-client.ts'));
  const options: LookupOptions = { address: medley.grpc.metadata, token: medley.grpc.token, records: RECORDS, serverName: medley.serverName };
  await client.call(options);
  const side = (name: string, mode: LookupRun['mode']): Side => {
    const run: LookupRun = { mode, concurrent: CONCURRENT, seconds: bench.seconds };
    // the caller's own CPU counts as well: most of a call's cost is there
    return { name, pids: [medley.pid, client.pid], run: () => client.call<Work>(run) };
  };
  return await playContest(
    {
      row: 'lookup',
      what: `misses, ${CONCURRENT} concurrent`,
      subject: side('batched', 'batched'),
      opponents: [{ goal: '>= 2.5', side: side('one unary each', 'single') }],
    },
    bench,
  );
}
