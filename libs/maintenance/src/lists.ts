import type { Reference } from '@medley/proto/metadata';
import type { BlobKey } from '@medley/proto/storage';
import { callLimits } from './call-limits.ts';
import { digestBefore, LAST_DIGEST } from './digest-order.ts';
import { followList } from './follow-list.ts';
import type { StoreContext } from './job.ts';

/** One blob of a store as storage lists it. */
export interface ListedBlob {
  /** Of the blob itself, or of its source if it is derived. */
  readonly digest: string;
  /** Empty for an original. */
  readonly derivation: string;
  readonly sizeBytes: number;
  /** By storage's clock, in Unix milliseconds. */
  readonly storedAtMs: number;
}

/** Every digest of a store that a record names, in order, from behind `after`. */
export function listReferences(context: StoreContext, after?: string): AsyncGenerator<Reference> {
  return followList({ open: (position) => openReferences(context, position), positionOf: ({ digest }) => digest }, after);
}

/** What records say about one digest of a store now; `undefined` if none names it. */
export async function findReference(context: StoreContext, digest: string): Promise<Reference | undefined> {
  for await (const reference of openReferences(context, digestBefore(digest), callLimits.batch(context))) {
    return reference.digest === digest ? reference : undefined;
  }
  return undefined;
}

/** Every original of a store, by digest, from behind `after`. */
export async function* listOriginals(context: StoreContext, after?: string): AsyncGenerator<ListedBlob> {
  const position = after === undefined ? undefined : { digest: after, derivation: '', store: context.store };
  for await (const blob of followBlobs(context, position)) {
    if (blob.derivation !== '') return;
    yield blob;
  }
}

/** Every derived blob of a store, by the digest of its source. */
export async function* listDerived(context: StoreContext): AsyncGenerator<ListedBlob> {
  for await (const blob of followBlobs(context, { digest: LAST_DIGEST, derivation: '', store: context.store })) {
    if (blob.derivation !== '') yield blob;
  }
}

async function* openReferences(context: StoreContext, after: string | undefined, limits = callLimits.list(context)): AsyncGenerator<Reference> {
  for await (const { references } of context.metadata.listReferences({ after, store: context.store }, limits)) yield* references;
}

function followBlobs(context: StoreContext, after: BlobKey | undefined): AsyncGenerator<ListedBlob> {
  const { store } = context;
  return followList<ListedBlob, BlobKey>({ open: (position) => openBlobs(context, position), positionOf: ({ digest, derivation }) => ({ digest, derivation, store }) }, after);
}

async function* openBlobs(context: StoreContext, after: BlobKey | undefined): AsyncGenerator<ListedBlob> {
  for await (const { key, sizeBytes, storedAtMs } of context.storage.listBlobs({ after, store: context.store }, callLimits.list(context))) {
    if (key !== undefined) yield { digest: key.digest, derivation: key.derivation, sizeBytes, storedAtMs };
  }
}
