import { MediaError } from '@medley/domain/media-error';
import { callLimits } from './call-limits.ts';
import type { StoreContext } from './job.ts';

/** What a store has under the digest of an original. */
export type BlobCondition =
  | { readonly kind: 'missing' }
  /** The bytes are those that the digest names. */
  | { readonly kind: 'whole'; readonly sizeBytes: number }
  | { readonly kind: 'corrupt'; readonly sizeBytes: number };

/** Reads all of an original of a store. `expectedBytes` only says how much time that may take. */
export async function readBlob(context: StoreContext, digest: string, expectedBytes: number): Promise<BlobCondition> {
  try {
    const { blob } = await context.storage.verifyBlob({ digest, store: context.store }, callLimits.read(context, expectedBytes));
    if (blob === undefined) throw new MediaError('INTERNAL', 'Storage answered without a blob');
    return { kind: blob.digest === digest ? 'whole' : 'corrupt', sizeBytes: blob.sizeBytes };
  } catch (error) {
    if (error instanceof MediaError && error.reason === 'NOT_FOUND') return { kind: 'missing' };
    throw error;
  }
}

/** Whether a store has nothing under the digest of an original. */
export async function isMissing(context: StoreContext, digest: string): Promise<boolean> {
  try {
    await context.storage.statBlob({ key: { digest, derivation: '', store: context.store } }, callLimits.batch(context));
    return false;
  } catch (error) {
    if (error instanceof MediaError && error.reason === 'NOT_FOUND') return true;
    throw error;
  }
}
