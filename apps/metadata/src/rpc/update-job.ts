import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseJobId, parseJobState, parseJson, toJobMessage } from './job-fields.ts';

/** Longer ones are cut: an ending must not fail for its words. */
const MAX_FAILURE_LENGTH = 1000;

/** Says how far a job is. */
export function updateJob(jobs: Jobs): MetadataServiceImplementation['updateJob'] {
  return async ({ id, state, progress, failure }, { signal }) => {
    const report = { state: parseJobState(state), progress: parseJson('progress', progress), failure: failure.slice(0, MAX_FAILURE_LENGTH) };
    return { job: toJobMessage(await jobs.update(parseJobId(id), report, signal)) };
  };
}
