import { MediaError } from '@medley/domain/media-error';
import { JobState as JobStateCode, type Job as JobMessage } from '@medley/proto/metadata/jobs';
import type { Job, JobState } from '../domain/job.ts';
import { invalid } from './fields.ts';

const MAX_JSON_BYTES = 64 * 1024;
const JOB_ID = /^[A-Za-z0-9_-]{1,64}$/;

const TO_STATE = {
  queued: JobStateCode.QUEUED,
  running: JobStateCode.RUNNING,
  done: JobStateCode.DONE,
  failed: JobStateCode.FAILED,
  cancelled: JobStateCode.CANCELLED,
} as const satisfies Record<JobState, JobStateCode>;

const FROM_STATE: ReadonlyMap<JobStateCode, JobState> = new Map(
  Object.entries(TO_STATE).map(([state, code]) => [code, state as JobState]),
);

/** Reads the id of a job. Like every parser here it throws INVALID_PARAM for what can't be one. */
export function parseJobId(id: string): string {
  if (!JOB_ID.test(id)) throw invalid('not the id of a job');
  return id;
}

/** Reads the state of a job. */
export function parseJobState(code: JobStateCode): JobState {
  const state = FROM_STATE.get(code);
  if (state === undefined) throw invalid('not a state of a job');
  return state;
}

/** Reads JSON that nobody here looks into; also none. */
export function parseJson(name: string, text: string): string {
  if (Buffer.byteLength(text) > MAX_JSON_BYTES) throw invalid(`${name} is too long`);
  if (text !== '') requireJson(name, text);
  return text;
}

/** A job as callers see it. Throws NOT_FOUND if there is none. */
export function toJobMessage(job: Job | undefined): JobMessage {
  if (job === undefined) throw new MediaError('NOT_FOUND', 'No such job');
  const { state, createdAt, updatedAt, isCancelRequested, ...rest } = job;
  return { ...rest, state: TO_STATE[state], createdAtMs: createdAt, updatedAtMs: updatedAt, cancelRequested: isCancelRequested };
}

function requireJson(name: string, text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new MediaError('INVALID_PARAM', `${name} is not JSON`, { cause });
  }
}
