import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseJobId, toJobMessage } from './job-fields.ts';

/** Looks up a job. */
export function getJob(jobs: Jobs): MetadataServiceImplementation['getJob'] {
  return async ({ id }, { signal }) => ({ job: toJobMessage(await jobs.get(parseJobId(id), signal)) });
}
