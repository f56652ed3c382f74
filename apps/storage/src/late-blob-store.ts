import { isReason } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
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
  const call = async <Value>(signal: AbortSignal, work: (store: BlobStore) => Promise<Value>): Promise<Value> => work(await orAbort(opened(), signal)).catch(failed);
  async function* stream<Item>(signal: AbortSignal, work: (store: BlobStore) => AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* work(await orAbort(opened(), signal));
    } catch (error) {
      failed(error);
    }
  }
  return {
    put: (source, options, signal) => call(signal, (store) => store.put(source, options, signal)),
    open: (key, range, signal) => stream(signal, (store) => store.open(key, range, signal)),
    stat: (key, signal) => call(signal, (store) => store.stat(key, signal)),
    verify: (digest, signal) => call(signal, (store) => store.verify(digest, signal)),
    delete: (key, signal, storedAtMs) => call(signal, (store) => store.delete(key, signal, storedAtMs)),
    deleteDerived: (digest, signal) => call(signal, (store) => store.deleteDerived(digest, signal)),
    sweepStaging: (begunBeforeMs, dryRun, signal) => call(signal, (store) => store.sweepStaging(begunBeforeMs, dryRun, signal)),
    list: (after, signal) => stream(signal, (store) => store.list(after, signal)),
    locate: async (key, ttlMs) => (await opened()).locate(key, ttlMs),
    locatePublic: async (key, headers, ttlMs) => (await opened()).locatePublic(key, headers, ttlMs),
    check: (signal) => call(signal, (store) => store.check(signal)),
    [Symbol.asyncDispose]: async () => opening?.then((store) => store[Symbol.asyncDispose](), () => {}),
  };
}
