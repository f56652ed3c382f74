import { MediaError } from '@medley/domain/media-error';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';
import { parseKey } from './parse-request.ts';

export function deleteBlob(stores: Stores): StorageServiceImplementation['deleteBlob'] {
  return async ({ key: named, withDerived, storedAtMs }, { signal }) => {
    const key = parseKey(named);
    if (withDerived && key.derivation !== '') throw new MediaError('INVALID_PARAM', 'with_derived is for originals');
    const store = stores.of(key.store);
    // Derived blobs first: without their original nobody would look for them again.
    const derivedBytes = withDerived ? await store.deleteDerived(key.digest, signal) : 0;
    await faultPoint('storage.delete.halfway');
    const ownBytes = await store.delete(key, signal, storedAtMs);
    return { freedBytes: derivedBytes + (ownBytes ?? 0), removed: ownBytes !== undefined || derivedBytes > 0 };
  };
}
