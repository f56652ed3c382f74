import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import type { Logger } from '@medley/telemetry/logger';
import type { OwnableStore } from './ports/blob-store.ts';

const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = 1000;

/**
 * Answers with a store after it was made sure that its place is its own: one that took another's would remove whatever none of its
 * own records names. A tenant's must bear the tenant's name, or hold no blob yet, and then gets it; the common one must bear nobody's.
 * Fails with SERVICE_UNAVAILABLE, and logs why.
 */
export async function claimStore(store: OwnableStore, name: StoreName, log: Logger): Promise<OwnableStore> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const owners = await store.owners(signal);
  if (owners === undefined) {
    log.warn('may not look whose this store is; taking it as the one that is meant');
    return store;
  }
  if (owners.some((owner) => owner !== name)) throw refuse(log, { owners }, 'this place is another store’s');
  if (name === COMMON_STORE || owners.length > 0) return store;
  if (await holdsBlobs(store, signal)) throw refuse(log, {}, 'this place holds blobs that are not this store’s');
  await store.claim(name, signal);
  return store;
}

async function holdsBlobs(store: OwnableStore, signal: AbortSignal): Promise<boolean> {
  for await (const _ of store.list(undefined, signal)) return true;
  return false;
}

function refuse(log: Logger, facts: object, why: string): MediaError {
  log.error(facts, why);
  return new MediaError('SERVICE_UNAVAILABLE', 'Storage is not available', { cause: new Error(why), retryAfterMs: RETRY_AFTER_MS });
}
