import type { StoreCalls } from '@medley/telemetry/store-calls';
import type { BlobStore } from './ports/blob-store.ts';

/** The same store, its calls timed. Of a read counts what comes before its first bytes: the rest is its reader's time. */
export function timeBlobStore(store: BlobStore, calls: StoreCalls): BlobStore {
  return {
    put: (...args) => calls.time('put', () => store.put(...args)),
    async *open(...args) {
      const chunks = store.open(...args)[Symbol.asyncIterator]();
      try {
        for (let next = await calls.time('get', () => chunks.next()); next.done !== true; next = await chunks.next()) yield next.value;
      } finally {
        await chunks.return?.();
      }
    },
    stat: (...args) => calls.time('stat', () => store.stat(...args)),
    verify: (...args) => calls.time('verify', () => store.verify(...args)),
    delete: (...args) => calls.time('remove', () => store.delete(...args)),
    deleteDerived: (...args) => calls.time('remove_derived', () => store.deleteDerived(...args)),
    sweepStaging: (...args) => calls.time('sweep', () => store.sweepStaging(...args)),
    list: (...args) => store.list(...args),
    locate: (...args) => store.locate(...args),
    locatePublic: (...args) => store.locatePublic(...args),
    check: (...args) => calls.time('check', () => store.check(...args)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
