import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseLimit } from './fields.ts';
import { parseJobId, parseJobState, toJobMessage } from './job-fields.ts';

/** Lists jobs, newest first. */
export function listJobs(jobs: Jobs): MetadataServiceImplementation['listJobs'] {
  return async ({ states, limit, after }, { signal }) => {
    const query = { states: states.map(parseJobState), limit: parseLimit(limit), before: after === undefined ? undefined : parseJobId(after) };
    const page = await jobs.list(query, signal);
    return { jobs: page.map(toJobMessage), next: page.length === limit ? page.at(-1)?.id : undefined };
  };
}
