import type { StorageServiceImplementation } from '@medley/proto/storage';
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

/** Every method of the service, over its stores and one data port. */
export function createStorageService(options: LocateOptions): StorageServiceImplementation {
  const { stores, links } = options;
  return {
    putBlob: putBlob(stores),
    getBlob: getBlob(stores),
    locateBlob: locateBlob(options),
    locatePublicBlob: locatePublicBlob(stores),
    locateUpload: locateUpload(stores, links),
    statBlob: statBlob(stores),
    verifyBlob: verifyBlob(stores),
    deleteBlob: deleteBlob(stores),
    listBlobs: listBlobs(stores),
    sweepStaging: sweepStaging(stores),
    checkStore: checkStore(stores),
  };
}
