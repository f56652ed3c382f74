import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, parseStoreName, type StoreName } from '@medley/domain/store-name';
import type { ClaimRemovalsRequest, CondemnBlobsRequest, FinishRemovalsRequest, ListReferencesRequest, MarkBlobsRequest, Reference } from '@medley/proto/metadata';
import type { BlobKey, DeleteBlobRequest, ListBlobsRequest, StatBlobRequest, VerifyBlobRequest } from '@medley/proto/storage';
import { quietTelemetry } from '@medley/testing/telemetry';
import type { JobContext, Progress } from './job.ts';

export const B_STORE = parseStoreName('b.example');

/** What one store has, and what records say of it. */
class FakeStore {
  /** By digest and derivation. */
  readonly blobs = new Map<string, { readonly key: BlobKey; readonly sizeBytes: number }>();
  readonly references = new Map<string, Reference>();
  readonly condemned = new Set<string>();
  /** Digests whose bytes are not what they should be. */
  readonly corrupt = new Set<string>();
  isAway = false;
}

/** What jobs need of metadata and storage, in memory: the common store and another. All blobs have 10 bytes and are old. */
export class FakeStores {
  readonly #stores = new Map<string, FakeStore>([[COMMON_STORE, new FakeStore()], [B_STORE, new FakeStore()]]);
  readonly told: Progress[] = [];
  stagingSweeps = 0;
  /** Awaited before every deletion of bytes. */
  beforeDelete: () => Promise<void> = async () => {};

  /** The store of a request; fails while it is away. */
  at(store: string): FakeStore {
    const found = this.#stores.get(store);
    if (found === undefined) throw new MediaError('INVALID_PARAM', 'There is no such store');
    if (found.isAway) throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available');
    return found;
  }

  setAway(store: StoreName, isAway: boolean): void {
    const found = this.#stores.get(store);
    if (found !== undefined) found.isAway = isAway;
  }

  put(store: StoreName, digest: string, derivation = ''): void {
    this.at(store).blobs.set(`${digest}/${derivation}`, { key: { digest, derivation, store }, sizeBytes: 10 });
  }

  /** Lets records name some bytes. */
  name(store: StoreName, digest: string, mediaCount = 1): void {
    this.at(store).references.set(digest, { digest, sizeBytes: 10, mediaCount, lost: false });
  }

  has(store: StoreName, digest: string): boolean {
    return this.at(store).blobs.has(`${digest}/`);
  }

  context(parts: Partial<JobContext> = {}): JobContext {
    const { metadata, storage } = { metadata: this.#metadata, storage: this.#storage } as unknown as Pick<JobContext, 'metadata' | 'storage'>; // the other calls are not made
    const settings = { sweep_interval: 0, scrub_interval: 0, orphan_grace: 0, removal_wait: 0, removal_retry: 60_000, derived_lifetime: 0, pending_grace: 0, staging_grace: 0 };
    return {
      metadata, storage, settings, stores: [COMMON_STORE, B_STORE], log: quietTelemetry().log, signal: new AbortController().signal, dryRun: false,
      onProgress: (progress) => void this.told.push(progress), ...parts,
    };
  }

  readonly #metadata = {
    condemnBlobs: async ({ blobs, store, dryRun }: CondemnBlobsRequest) => {
      const { references, condemned } = this.at(store);
      const unnamed = blobs.map(({ digest }) => digest).filter((digest) => !references.has(digest));
      if (!dryRun) for (const digest of unnamed) condemned.add(digest);
      return { condemned: unnamed };
    },
    claimRemovals: async ({ store }: ClaimRemovalsRequest) => ({ removals: [...this.at(store).condemned].map((digest) => ({ digest, storedAtMs: 1 })), sparedCount: 0 }),
    finishRemovals: async ({ digests, store }: FinishRemovalsRequest) => {
      for (const digest of digests) this.at(store).condemned.delete(digest);
      return {};
    },
    markBlobs: async ({ digests, store, lost }: MarkBlobsRequest) => {
      const { references } = this.at(store);
      for (const one of digests.flatMap((digest) => references.get(digest) ?? [])) references.set(one.digest, { ...one, lost });
      return {};
    },
    listReferences: (request: ListReferencesRequest) => this.#listReferences(request),
    getUsage: async () => ({ mediaCount: 3, mediaBytes: 30, pendingCount: 0, lapsedCount: 0, condemnedCount: 0, rows: [] }),
  };

  readonly #storage = {
    deleteBlob: async ({ key, withDerived }: DeleteBlobRequest) => {
      await this.beforeDelete();
      const { blobs } = this.at(key?.store ?? '');
      const going = [...blobs].filter(([, blob]) => blob.key.digest === key?.digest && (withDerived || blob.key.derivation === key.derivation));
      for (const [name] of going) blobs.delete(name);
      return { removed: going.length > 0, freedBytes: going.length * 10 };
    },
    statBlob: async ({ key }: StatBlobRequest) => this.#require(key?.store ?? '', key?.digest ?? ''),
    verifyBlob: async ({ digest, store }: VerifyBlobRequest) => {
      const blob = this.#require(store, digest);
      return { blob: { ...blob, digest: this.at(store).corrupt.has(digest) ? 'e'.repeat(64) : digest } };
    },
    listBlobs: (request: ListBlobsRequest) => this.#listBlobs(request),
    sweepStaging: async () => {
      this.stagingSweeps += 1;
      return { removedCount: 1, freedBytes: 5 };
    },
  };

  #require(store: string, digest: string) {
    const blob = this.at(store).blobs.get(`${digest}/`);
    if (blob === undefined) throw new MediaError('NOT_FOUND', 'No such blob');
    return blob;
  }

  async *#listReferences({ after = '', store }: ListReferencesRequest): AsyncGenerator<{ references: readonly Reference[] }> {
    const references = [...this.at(store).references.values()].filter(({ digest }) => digest > after);
    yield { references: references.toSorted((one, other) => (one.digest < other.digest ? -1 : 1)) };
  }

  /** Originals first, each by digest. */
  async *#listBlobs({ after, store }: ListBlobsRequest) {
    const placeOf = ({ digest, derivation }: Pick<BlobKey, 'digest' | 'derivation'>): string => `${derivation === '' ? 0 : 1}${digest}/${derivation}`;
    const blobs = [...this.at(store).blobs.values()].filter(({ key }) => after === undefined || placeOf(key) > placeOf(after));
    for (const { key, sizeBytes } of blobs.toSorted((one, other) => (placeOf(one.key) < placeOf(other.key) ? -1 : 1))) yield { key, sizeBytes, storedAtMs: 1 };
  }
}
