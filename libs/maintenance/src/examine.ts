import { MediaError } from '@medley/domain/media-error';
import type { Reference } from '@medley/proto/metadata';
import type { FindingKind, Problem } from './finding.ts';
import type { StoreContext } from './job.ts';
import { findReference, type ListedBlob } from './lists.ts';
import type { Pair } from './merge-by-digest.ts';
import { isMissing, readBlob, type BlobCondition } from './read-blob.ts';

/** What a scrub knows of one digest of a store once it has looked. */
export interface Examination {
  readonly digest: string;
  /** What is wrong, if anything is. */
  readonly problem?: Problem;
  /** Gone or damaged, and marked so already. */
  readonly isKnownLost?: boolean;
  /** The size of bytes that no record names. */
  readonly orphanBytes?: number;
  /** The size of the bytes that were read. */
  readonly verifiedBytes?: number;
  readonly isUnreadable?: boolean;
}

/**
 * Looks at one digest of a store. The lists that name it were read before, and an upload or a removal may be under way, so whatever
 * seems wrong is looked at again: only what is wrong twice is told.
 */
export async function examine(context: StoreContext, { digest, left: reference, right: blob }: Pair<Reference, ListedBlob>): Promise<Examination> {
  try {
    if (blob === undefined) return await examineMissing(context, digest);
    const condition = await readTwice(context, blob);
    if (condition.kind === 'missing') return await examineMissing(context, digest);
    const verifiedBytes = condition.sizeBytes;
    if (isSound(reference, condition)) return { digest, verifiedBytes };
    return { ...(await examineAgain(context, blob, condition)), verifiedBytes };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof MediaError)) throw error;
    // Other blobs may be readable. Where the whole service is gone this fails, too, and nothing can be said of any.
    await isMissing(context, digest);
    context.log.warn({ err: error, digest }, 'could not read a blob');
    return { digest, isUnreadable: true };
  }
}

function isSound(reference: Reference | undefined, condition: BlobCondition): boolean {
  return reference !== undefined && !reference.lost && condition.kind === 'whole' && condition.sizeBytes === reference.sizeBytes;
}

/** A read may fail in passing; bytes that are damaged are so each time. */
async function readTwice(context: StoreContext, { digest, sizeBytes }: ListedBlob): Promise<BlobCondition> {
  const first = await readBlob(context, digest, sizeBytes);
  return first.kind === 'corrupt' ? readBlob(context, digest, sizeBytes) : first;
}

/**
 * Bytes come before the record that names them and go after it. So the bytes are lost only if they are missing, some
 * record names them, and they are missing still.
 */
async function examineMissing(context: StoreContext, digest: string): Promise<Examination> {
  if (!(await isMissing(context, digest))) return { digest };
  const reference = await findReference(context, digest);
  if (reference === undefined || !(await isMissing(context, digest))) return { digest };
  return reference.lost ? { digest, isKnownLost: true } : { digest, problem: { kind: 'dangling', digest, mediaCount: reference.mediaCount } };
}

/** Of bytes that are there and seem not to fit what records say, or are named by none. */
async function examineAgain(context: StoreContext, blob: ListedBlob, condition: Exclude<BlobCondition, { kind: 'missing' }>): Promise<Examination> {
  const { digest } = blob;
  const reference = await findReference(context, digest);
  const isOrphan = reference === undefined && blob.storedAtMs < Date.now() - context.settings.orphan_grace;
  const orphan = isOrphan ? { orphanBytes: condition.sizeBytes } : {};
  const kind = toProblem(reference, condition);
  if (kind === undefined) return { digest, ...orphan };
  if (reference?.lost === true && kind !== 'wrongly-lost') return { digest, isKnownLost: true };
  return { digest, ...orphan, problem: { kind, digest, mediaCount: reference?.mediaCount ?? 0 } };
}

function toProblem(reference: Reference | undefined, condition: Exclude<BlobCondition, { kind: 'missing' }>): FindingKind | undefined {
  if (reference !== undefined && reference.sizeBytes !== condition.sizeBytes) return 'wrong-size';
  if (condition.kind === 'corrupt') return 'corrupt';
  return reference?.lost === true ? 'wrongly-lost' : undefined;
}
