import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';

export function checkStore(stores: Pick<Stores, 'stateOf'>): StorageServiceImplementation['checkStore'] {
  return async ({ store = COMMON_STORE }) => {
    const state = stores.stateOf(parseStoreName(store));
    await state.recall().catch((cause: unknown) => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'The store can’t be used now', { cause })));
    return {};
  };
}
