import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseJobId, toJobMessage } from './job-fields.ts';

/** Asks a job to end. */
export function cancelJob(jobs: Jobs): MetadataServiceImplementation['cancelJob'] {
  return async ({ id }, { signal }) => ({ job: toJobMessage(await jobs.cancel(parseJobId(id), signal)) });
}
