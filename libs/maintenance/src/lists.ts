import type { Reference } from '@medley/proto/metadata';
import type { BlobKey } from '@medley/proto/storage';
import { callLimits } from './call-limits.ts';
import { digestBefore, LAST_DIGEST } from './digest-order.ts';
import { followList } from './follow-list.ts';
import type { JobContext } from './job.ts';

/** One blob as storage lists it. */
export interface ListedBlob {
  /** Of the blob itself, or of its source if it is derived. */
  readonly digest: string;
  /** Empty for an original. */
  readonly derivation: string;
  readonly sizeBytes: number;
  /** By storage's clock, in Unix milliseconds. */
  readonly storedAtMs: number;
}

/** Every digest that a record names, in order, from behind `after`. */
export function listReferences(context: JobContext, after?: string): AsyncGenerator<Reference> {
  return followList({ open: (position) => openReferences(context, position), positionOf: ({ digest }) => digest }, after);
}

/** What records say about one digest now; `undefined` if none names it. */
export async function findReference(context: JobContext, digest: string): Promise<Reference | undefined> {
  for await (const reference of openReferences(context, digestBefore(digest), callLimits.batch(context))) {
    return reference.digest === digest ? reference : undefined;
  }
  return undefined;
}

/** Every original, by digest, from behind `after`. */
export async function* listOriginals(context: JobContext, after?: string): AsyncGenerator<ListedBlob> {
  const position = after === undefined ? undefined : { digest: after, derivation: '' };
  for await (const blob of followBlobs(context, position)) {
    if (blob.derivation !== '') return;
    yield blob;
  }
}

/** Every derived blob, by the digest of its source. */
export async function* listDerived(context: JobContext): AsyncGenerator<ListedBlob> {
  for await (const blob of followBlobs(context, { digest: LAST_DIGEST, derivation: '' })) {
    if (blob.derivation !== '') yield blob;
  }
}

async function* openReferences(context: JobContext, after: string | undefined, limits = callLimits.list(context)): AsyncGenerator<Reference> {
  for await (const { references } of context.metadata.listReferences({ after }, limits)) yield* references;
}

function followBlobs(context: JobContext, after: BlobKey | undefined): AsyncGenerator<ListedBlob> {
  return followList<ListedBlob, BlobKey>({ open: (position) => openBlobs(context, position), positionOf: ({ digest, derivation }) => ({ digest, derivation }) }, after);
}

async function* openBlobs(context: JobContext, after: BlobKey | undefined): AsyncGenerator<ListedBlob> {
  for await (const { key, sizeBytes, storedAtMs } of context.storage.listBlobs({ after }, callLimits.list(context))) {
    if (key !== undefined) yield { digest: key.digest, derivation: key.derivation, sizeBytes, storedAtMs };
  }
}
