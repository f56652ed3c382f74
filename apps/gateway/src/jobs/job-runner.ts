import { withLease } from '@medley/maintenance/lease';
import { JobState, type Job } from '@medley/proto/metadata/jobs';
import type { Meter } from '@medley/telemetry/metrics';
import { TimeLimit } from '@medley/streams/abort';
import type { Gateway } from '../gateway.ts';
import { runJob } from './run-job.ts';

export interface JobRunnerOptions {
  /** How often it looks for jobs that others ordered, or left. */
  readonly pollMs: number;
  /** How many jobs one gateway runs at once. */
  readonly maxJobs: number;
  readonly batch: number;
  /** How soon another gateway takes up the jobs of one that died. */
  readonly leaseMs: number;
}

const DEFAULTS: JobRunnerOptions = { pollMs: 3000, maxJobs: 2, batch: 500, leaseMs: 60_000 };
const UNFINISHED = [JobState.QUEUED, JobState.RUNNING];
const PAGE = 100;

/** Runs jobs for as long as the gateway lives. Each job is run by one gateway at a time, whichever holds its lease. */
export class JobRunner {
  readonly #gateway: Gateway;
  readonly #options: JobRunnerOptions;
  readonly #holder = crypto.randomUUID();
  readonly #stopping = new AbortController();
  readonly #cut = new AbortController();
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #ended: Promise<void>;

  constructor(gateway: Gateway, options: Partial<JobRunnerOptions> = {}) {
    this.#gateway = gateway;
    this.#options = { ...DEFAULTS, ...options };
    this.#ended = this.#follow();
  }

  /** How many jobs run here now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Takes up no more, lets every batch under way end for at most `graceMs`, and leaves the rest to other gateways. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    using limit = new TimeLimit(graceMs);
    limit.signal.addEventListener('abort', () => this.#cut.abort());
    await this.#ended;
    await Promise.all(this.#running.values());
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Metadata may be away for a while; it is asked again.
      await this.#pickUp().catch((error: unknown) => this.#gateway.log.info({ err: error }, 'jobs can’t be looked for'));
      await this.#gateway.newJobs.wait(this.#options.pollMs, signal);
    }
  }

  async #pickUp(): Promise<void> {
    for (const id of await this.#listUnfinished()) {
      if (this.#running.size >= this.#options.maxJobs || this.#stopping.signal.aborted) return;
      if (!this.#running.has(id)) await this.#tryToRun(id);
    }
  }

  /** The ids of jobs of our tenants that are not finished, the oldest first. */
  async #listUnfinished(): Promise<readonly string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const { jobs, next } = await this.#gateway.services.metadata.listJobs({ states: [...UNFINISHED], limit: PAGE, after }, { signal: this.#stopping.signal });
      ids.push(...jobs.filter(({ origin }) => this.#gateway.tenants.isLocal(origin)).map(({ id }) => id));
      after = next;
    } while (after !== undefined);
    return ids.reverse();
  }

  /** Settles when it is known whether the job runs here. */
  async #tryToRun(id: string): Promise<void> {
    const { promise: decided, resolve: decide } = Promise.withResolvers<void>();
    // Names of leases know no capitals; two jobs that share one wait for each other.
    const terms = { name: `job/${id.toLowerCase()}`, holder: this.#holder, ttlMs: this.#options.leaseMs };
    const { metadata } = this.#gateway.services;
    const running = withLease(metadata, terms, (signal) => {
      decide();
      return this.#run(id, signal);
    }, this.#cut.signal).catch((error: unknown) => this.#interrupted(id, error));
    this.#running.set(id, running);
    void running.then((hasRun) => {
      this.#running.delete(id);
      decide();
      // There is room for another one now.
      if (hasRun) this.#gateway.newJobs.ring();
    });
    await decided;
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { services, log } = this.#gateway;
    const { job } = await services.metadata.getJob({ id }, { signal });
    if (job === undefined || isFinished(job)) return;
    log.info({ job: id, action: job.action, origin: job.origin }, 'a job goes on');
    const ended = await runJob(this.#gateway, job, { batch: this.#options.batch, stopping: this.#stopping.signal }, signal);
    log.info({ job: id, state: ended.state, progress: ended.progress }, 'a job was left');
  }

  /** It is taken up again with the next poll, by whoever can. */
  #interrupted(id: string, error: unknown): boolean {
    this.#gateway.log.info({ err: error, job: id }, 'a job was interrupted');
    return false;
  }
}

/** Shows how many jobs run here. */
export function observeJobs(meter: Meter, jobs: JobRunner): void {
  meter
    .createObservableGauge('medley.gateway.jobs.running', { description: 'Jobs that run at this gateway now' })
    .addCallback((gauge) => gauge.observe(jobs.runningCount));
}

function isFinished({ state }: Job): boolean {
  return !UNFINISHED.some((one) => one === state);
}
