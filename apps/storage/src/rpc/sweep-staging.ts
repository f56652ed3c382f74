import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';

export function sweepStaging(store: BlobStore): StorageServiceImplementation['sweepStaging'] {
  return ({ begunBeforeMs, dryRun }, { signal }) => store.sweepStaging(begunBeforeMs, dryRun, signal);
}
