import type { MedleyConfig } from '@medley/config/schema';
import type { JobContext } from '@medley/maintenance/job';
import type { ExitCode } from './exit-codes.ts';

/** What a job came to. */
export interface Outcome {
  /** The answer of `--json`, in camel case. */
  readonly report: object;
  /** The same for people: lines without an end. */
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/** A job as a command of its own. */
export interface CliJob {
  readonly name: string;
  run(context: JobContext, config: MedleyConfig): Promise<Outcome>;
}
