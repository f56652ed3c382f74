import type { Job, JobReport, JobState, NewJob } from '../domain/job.ts';

/** Which jobs somebody wants to see. */
export interface JobQuery {
  /** None: all. */
  readonly states: readonly JobState[];
  readonly limit: number;
  /** Only those with ids before this one. */
  readonly before?: string | undefined;
}

/** Keeps what is to be done, and how far it is; and numbers that say how far somebody has read. */
export interface Jobs {
  create(job: NewJob, signal: AbortSignal): Promise<Job>;

  get(id: string, signal: AbortSignal): Promise<Job | undefined>;

  /** Newest first. */
  list(query: JobQuery, signal: AbortSignal): Promise<readonly Job[]>;

  /** Says how far a job is, for who holds its lease. One that has ended stays as it is. */
  update(id: string, report: JobReport, signal: AbortSignal): Promise<Job | undefined>;

  /** Asks a job to end; one that nobody has begun ends at once, and one that has ended stays as it is. */
  cancel(id: string, signal: AbortSignal): Promise<Job | undefined>;

  /** Keeps one number under a name. */
  savePosition(name: string, position: number, signal: AbortSignal): Promise<void>;

  getPosition(name: string, signal: AbortSignal): Promise<number | undefined>;
}
