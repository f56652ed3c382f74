import type { BlobKey } from '@medley/proto/storage';
import { callLimits } from './call-limits.ts';
import type { Problem } from './finding.ts';
import type { StoreContext } from './job.ts';
import { readBlob } from './read-blob.ts';

/** The word under which marks are told of. */
const BY = 'scrub';
/** No blob is larger. */
const LARGEST_BYTES = 5 * 2 ** 30;

/**
 * Does about a finding what can be done, and answers whether that is done: media whose bytes are lost or damaged is
 * marked, so that it is answered as not found, and a mark that is wrong is taken back. Damaged bytes are kept.
 */
export async function repair(context: StoreContext, { kind, digest, derivation = '' }: Problem): Promise<boolean> {
  switch (kind) {
    case 'dangling':
    case 'corrupt':
      await markLost(context, digest);
      return true;
    case 'wrong-size':
      // Where the bytes are whole it is the record that is wrong, and nothing can be done about that.
      return markLost(context, digest);
    case 'wrongly-lost':
      await mark(context, digest, false);
      return true;
    case 'derived-without-source':
      await removeDerived(context, { digest, derivation, store: context.store });
      return true;
  }
}

/** Whoever asks for it again gets a new one, if its source has come back. */
async function removeDerived(context: StoreContext, key: BlobKey): Promise<void> {
  await context.storage.deleteBlob({ key, withDerived: false, storedAtMs: undefined }, callLimits.batch(context));
}

/**
 * Marks bytes as lost, and answers whether they are. The same bytes may be uploaded meanwhile: an upload that is recorded
 * after the mark takes it back itself; of one recorded before, the bytes are there now.
 */
async function markLost(context: StoreContext, digest: string): Promise<boolean> {
  await mark(context, digest, true);
  const { kind } = await readBlob(context, digest, LARGEST_BYTES);
  if (kind !== 'whole') return true;
  await mark(context, digest, false);
  return false;
}

async function mark(context: StoreContext, digest: string, lost: boolean): Promise<void> {
  await context.metadata.markBlobs({ digests: [digest], lost, by: BY, store: context.store }, callLimits.batch(context));
}
