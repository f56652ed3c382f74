import { storeNames } from '@medley/config/own-stores';
import type { JobContext } from '@medley/maintenance/job';
import { awaitStop } from '@medley/runtime/shutdown';
import type { CliJob, Outcome } from './cli-job.ts';
import { readCliConfig } from './cli-config.ts';
import { type ExitCode } from './exit-codes.ts';
import { openStores } from './open-stores.ts';
import type { CommonOptions } from './options.ts';
import { openProgress } from './progress.ts';
import { tellFailure, tellOutcome } from './tell.ts';
import { warningLog } from './warning-log.ts';

/** Runs one job from the reading of the configuration to its report, and answers with the exit code. SIGINT and SIGTERM end it in order. */
export async function runJob(job: CliJob, options: CommonOptions): Promise<ExitCode> {
  const interruption = new AbortController();
  void awaitStop().then(() => interruption.abort());
  try {
    const outcome = await connectAndRun(job, options, interruption.signal);
    tellOutcome(job.name, outcome, options);
    return outcome.exitCode;
  } catch (error) {
    return tellFailure(job.name, error, { ...options, isInterrupted: interruption.signal.aborted });
  }
}

async function connectAndRun(job: CliJob, options: CommonOptions, signal: AbortSignal): Promise<Outcome> {
  const source = await readCliConfig(options.config, process.env);
  await using stores = await openStores(source, options, signal);
  using progress = openProgress(options);
  const { metadata, storage } = stores;
  const context: JobContext = {
    metadata: metadata.rpc, storage: storage.rpc, stores: storeNames(source.config), settings: source.config.maintenance,
    log: warningLog(), onProgress: (now) => progress.show(now), signal, dryRun: options.dryRun === true,
  };
  return await job.run(context, source.config);
}
