import { faultPoint } from '@medley/fault-points/fault-point';
import { callLimits } from './call-limits.ts';
import { listDerivedWithoutSource } from './derived-without-source.ts';
import { fractionOf } from './digest-order.ts';
import { inBatches } from './in-batches.ts';
import { BATCH, type StoreContext } from './job.ts';
import { listOriginals, type ListedBlob } from './lists.ts';

/**
 * Condemns the blobs of a store that no record names and that were last put more than `orphan_grace` ago, and what was derived from
 * originals that are gone; answers how many are condemned now. Metadata says which: no record can appear unseen in between.
 */
export async function condemnOrphans(context: StoreContext): Promise<number> {
  const storedBeforeMs = Date.now() - context.settings.orphan_grace;
  let condemned = 0;
  for await (const batch of inBatches(listOld(context, storedBeforeMs), BATCH)) {
    const blobs = batch.map(({ digest, storedAtMs }) => ({ digest, storedAtMs }));
    const answer = await context.metadata.condemnBlobs({ blobs, dryRun: context.dryRun, store: context.store }, callLimits.batch(context));
    condemned += answer.condemned.length;
    if (!context.dryRun && answer.condemned.length > 0) await faultPoint('sweep.condemned');
    context.onProgress({ step: 'condemn', count: condemned, fraction: fractionOf(batch.at(-1)?.digest ?? '0') });
  }
  return condemned;
}

async function* listOld(context: StoreContext, storedBeforeMs: number): AsyncGenerator<ListedBlob> {
  for await (const blob of listOriginals(context)) {
    if (blob.storedAtMs < storedBeforeMs) yield blob;
  }
  let named = '';
  for await (const blob of listDerivedWithoutSource(context)) {
    // One source has many.
    if (blob.digest === named || blob.storedAtMs >= storedBeforeMs) continue;
    named = blob.digest;
    yield blob;
  }
}
