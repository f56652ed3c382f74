/** What can be said of a job. */
export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** Work that somebody wants done. */
export interface NewJob {
  readonly action: string;
  /** JSON, which nobody here reads. */
  readonly input: string;
  /** A Matrix user id, or a word for a program. */
  readonly by: string;
  readonly reason?: string | undefined;
  /** The server name whose admin asked for it. */
  readonly origin: string;
}

/** What its doer says of a job. */
export interface JobReport {
  readonly state: JobState;
  /** JSON, which nobody here reads. */
  readonly progress: string;
  /** Why it failed. */
  readonly failure: string;
}

/** Work that takes longer than a request. */
export interface Job extends NewJob, JobReport {
  /** Grows with time. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds. */
  readonly updatedAt: number;
  readonly isCancelRequested: boolean;
}

/** Whether nobody works on such a job any more. */
export function isEnded(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** The job as somebody's wish to end it leaves it: one that nobody has begun has ended. */
export function withCancellation(job: Job, isCancelRequested: boolean): Job {
  const isOver = isCancelRequested && job.state === 'queued';
  return { ...job, isCancelRequested, ...(isOver && { state: 'cancelled' as const }) };
}

/** The states that jobs may be stored in which are answered in one of `states`. */
export function storedStates(states: readonly JobState[]): readonly JobState[] {
  return states.includes('cancelled') && !states.includes('queued') ? [...states, 'queued'] : states;
}
