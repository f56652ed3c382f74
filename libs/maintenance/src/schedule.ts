import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@medley/telemetry/logger';

/** Work that comes again and again. */
export interface ScheduledJob {
  readonly name: string;
  /** How long after it ended it begins again. */
  readonly everyMs: number;
  /** Ends soon after `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ScheduleOptions {
  readonly log: Logger;
  /** From 0 to 1; decides when a job runs for the first time. */
  readonly random?: () => number;
}

/** The longest that a timer of Node waits is 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;

/**
 * Runs jobs one at a time for as long as the process lives. The first run of each comes at a random time within its
 * interval: so replicas do not run together, and a process that is restarted every day still runs a weekly job once in
 * seven days. A job that fails is logged and comes again.
 */
export class Schedule implements AsyncDisposable {
  readonly #jobs: readonly ScheduledJob[];
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  constructor(jobs: readonly ScheduledJob[], { log, random = Math.random }: ScheduleOptions) {
    this.#jobs = jobs;
    this.#log = log;
    this.#done = this.#run(new Map(jobs.map((job) => [job, performance.now() + job.everyMs * random()])));
  }

  /** Stops the job that runs, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(dueAt: Map<ScheduledJob, number>): Promise<void> {
    const { signal } = this.#stopping;
    if (this.#jobs.length === 0) return;
    while (!signal.aborted) {
      const [job, due] = firstOf(dueAt);
      if (!(await sleepUntil(due, signal))) return;
      await this.#runOnce(job, signal);
      dueAt.set(job, performance.now() + job.everyMs);
    }
  }

  async #runOnce(job: ScheduledJob, signal: AbortSignal): Promise<void> {
    try {
      await job.run(signal);
    } catch (error) {
      if (signal.aborted) this.#log.info({ job: job.name }, 'maintenance was interrupted');
      else this.#log.warn({ err: error, job: job.name }, 'maintenance failed');
    }
  }
}

function firstOf(dueAt: ReadonlyMap<ScheduledJob, number>): [ScheduledJob, number] {
  return [...dueAt].reduce((one, other) => (other[1] < one[1] ? other : one));
}

/** Answers whether that time has come; not if the signal aborts first. */
async function sleepUntil(time: number, signal: AbortSignal): Promise<boolean> {
  for (let left = time - performance.now(); left > 0; left = time - performance.now()) {
    // It rejects only when the signal aborts.
    await sleep(Math.min(left, LONGEST_SLEEP_MS), undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
  }
  return !signal.aborted;
}
