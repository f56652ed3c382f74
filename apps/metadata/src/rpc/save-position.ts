import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseAtLeast, parseName } from './fields.ts';

/** Keeps how far somebody has read. */
export function savePosition(jobs: Jobs): MetadataServiceImplementation['savePosition'] {
  return async ({ name, position }, { signal }) => {
    await jobs.savePosition(parseName(name), parseAtLeast(0, 'position', position), signal);
    return {};
  };
}
