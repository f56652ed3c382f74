import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Jobs } from '../ports/jobs.ts';
import { parseName } from './fields.ts';

/** Looks up how far somebody has read. */
export function getPosition(jobs: Jobs): MetadataServiceImplementation['getPosition'] {
  return async ({ name }, { signal }) => ({ position: await jobs.getPosition(parseName(name), signal) });
}
