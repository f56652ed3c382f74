import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { StoreState } from '../store-state.ts';
import { checkStore } from './check-store.ts';
import { deleteBlob } from './delete-blob.ts';
import { getBlob } from './get-blob.ts';
import { listBlobs } from './list-blobs.ts';
import { locateBlob, type LocateOptions } from './locate-blob.ts';
import { locatePublicBlob } from './locate-public-blob.ts';
import { locateUpload } from './locate-upload.ts';
import { putBlob } from './put-blob.ts';
import { statBlob } from './stat-blob.ts';
import { sweepStaging } from './sweep-staging.ts';
import { verifyBlob } from './verify-blob.ts';

export interface StorageServiceOptions extends LocateOptions {
  readonly state: Pick<StoreState, 'recall'>;
}

/** Every method of the service, over one store and one data port. */
export function createStorageService(options: StorageServiceOptions): StorageServiceImplementation {
  const { store, links, state } = options;
  return {
    putBlob: putBlob(store),
    getBlob: getBlob(store),
    locateBlob: locateBlob(options),
    locatePublicBlob: locatePublicBlob(store),
    locateUpload: locateUpload(links),
    statBlob: statBlob(store),
    verifyBlob: verifyBlob(store),
    deleteBlob: deleteBlob(store),
    listBlobs: listBlobs(store),
    sweepStaging: sweepStaging(store),
    checkStore: checkStore(state),
  };
}
