import type { BlobStore } from './ports/blob-store.ts';

/**
 * Opens a store, now if that can be done, else with the first call that finds it usable; till then every call fails as
 * opening does. So a tenant's disk that is away keeps nobody else waiting when the service starts.
 */
export async function openEarlyOrLate(open: () => Promise<BlobStore>): Promise<BlobStore> {
  // whoever calls hears why
  return open().catch(() => openLate(open));
}

function openLate(open: () => Promise<BlobStore>): BlobStore {
  let opening: Promise<BlobStore> | undefined;
  const opened = (): Promise<BlobStore> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    put: async (...args) => (await opened()).put(...args),
    open: async function* (...args) {
      yield* (await opened()).open(...args);
    },
    stat: async (...args) => (await opened()).stat(...args),
    verify: async (...args) => (await opened()).verify(...args),
    delete: async (...args) => (await opened()).delete(...args),
    deleteDerived: async (...args) => (await opened()).deleteDerived(...args),
    sweepStaging: async (...args) => (await opened()).sweepStaging(...args),
    list: async function* (...args) {
      yield* (await opened()).list(...args);
    },
    locate: async (...args) => (await opened()).locate(...args),
    locatePublic: async (...args) => (await opened()).locatePublic(...args),
    check: async (...args) => (await opened()).check(...args),
    [Symbol.asyncDispose]: async () => opening?.then((store) => store[Symbol.asyncDispose](), () => {}),
  };
}
