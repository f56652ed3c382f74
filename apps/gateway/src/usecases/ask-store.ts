import { isReason, MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { Logger } from '@medley/telemetry/logger';

/** Whose answer is awaited: of a store that a record, or our configuration, names. */
export interface StoreAsked {
  readonly store: string;
  /** Of the bytes; absent where they are on their way. */
  readonly digest?: string;
}

/**
 * What comes of asking for something in a store. Where the storage service has no such store any more, or not yet, that is no
 * fault of the requester's: it is logged with the digest of the media, and fails with SERVICE_UNAVAILABLE, as if the store were away.
 */
export async function askStore<Value>({ log }: { readonly log: Logger }, { store, digest }: StoreAsked, answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (store === COMMON_STORE || !isReason(error, 'INVALID_PARAM')) throw error;
    log.error({ store, digest }, 'media lies in a store that is not configured');
    throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: error });
  }
}
