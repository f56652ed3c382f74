import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MediaSource } from '../usecases/resolve-media.ts';
import { abandonUpload } from './abandon-upload.ts';
import { batchGetMedia } from './batch-get-media.ts';
import { claimUpload } from './claim-upload.ts';
import { commitUpload } from './commit-upload.ts';
import { recordUpload } from './record-upload.ts';
import { reserveMedia } from './reserve-media.ts';
import { resolveMedia } from './resolve-media.ts';

/** Every method of `medley.metadata.v1`. */
export function createMetadataService(source: MediaSource): MetadataServiceImplementation {
  const { store } = source;
  return {
    reserveMedia: reserveMedia(store),
    claimUpload: claimUpload(store),
    commitUpload: commitUpload(source),
    abandonUpload: abandonUpload(store),
    recordUpload: recordUpload(store),
    resolveMedia: resolveMedia(source),
    batchGetMedia: batchGetMedia(store),
  };
}
