import { isReason } from '@medley/domain/media-error';
import type { BlobStore } from './ports/blob-store.ts';

interface LateOptions {
  /** Whether it is opened anew after it was not available: it may be another that comes back. */
  readonly reopens?: boolean;
}

/**
 * Opens a store, now if that can be done, else with the first call that finds it usable; till then every call fails as
 * opening does. So a tenant's disk that is away keeps nobody else waiting when the service starts.
 */
export async function openEarlyOrLate(open: () => Promise<BlobStore>): Promise<BlobStore> {
  // whoever calls hears why
  return open().catch(() => openLate(open));
}

/** Opens a store with the first call that finds it usable; till then every call fails as opening does. */
export function openLate(open: () => Promise<BlobStore>, { reopens = false }: LateOptions = {}): BlobStore {
  let opening: Promise<BlobStore> | undefined;
  const closed = (error: unknown): never => {
    opening = undefined;
    throw error;
  };
  const opened = (): Promise<BlobStore> => (opening ??= open().catch(closed));
  const failed = (error: unknown): never => {
    if (reopens && isReason(error, 'SERVICE_UNAVAILABLE')) opening = undefined;
    throw error;
  };
  const call = async <Value>(work: (store: BlobStore) => Promise<Value>): Promise<Value> => work(await opened()).catch(failed);
  async function* stream<Item>(work: (store: BlobStore) => AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* work(await opened());
    } catch (error) {
      failed(error);
    }
  }
  return {
    put: (...args) => call((store) => store.put(...args)),
    open: (...args) => stream((store) => store.open(...args)),
    stat: (...args) => call((store) => store.stat(...args)),
    verify: (...args) => call((store) => store.verify(...args)),
    delete: (...args) => call((store) => store.delete(...args)),
    deleteDerived: (...args) => call((store) => store.deleteDerived(...args)),
    sweepStaging: (...args) => call((store) => store.sweepStaging(...args)),
    list: (...args) => stream((store) => store.list(...args)),
    locate: (...args) => call((store) => store.locate(...args)),
    locatePublic: (...args) => call((store) => store.locatePublic(...args)),
    check: (...args) => call((store) => store.check(...args)),
    [Symbol.asyncDispose]: async () => opening?.then((store) => store[Symbol.asyncDispose](), () => {}),
  };
}
