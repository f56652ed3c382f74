import { MediaError } from '@medley/domain/media-error';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { StoreState } from '../store-state.ts';

export function checkStore(state: Pick<StoreState, 'recall'>): StorageServiceImplementation['checkStore'] {
  return async () => {
    await state.recall().catch((cause: unknown) => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'The store can’t be used now', { cause })));
    return {};
  };
}
