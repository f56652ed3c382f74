import { parseServerName } from '@medley/domain/server-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseAuthor, parseName } from './fields.ts';
import { parseJson, toJobMessage } from './job-fields.ts';

/** Keeps work that is to be done. */
export function createJob(jobs: Jobs): MetadataServiceImplementation['createJob'] {
  return async ({ action, input, origin, ...author }, { signal }) => {
    const job = { action: parseName(action, 'action'), input: parseJson('input', input), origin: parseServerName(origin), ...parseAuthor(author) };
    return { job: toJobMessage(await jobs.create(job, signal)) };
  };
}
