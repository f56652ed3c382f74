import { callLimits } from './call-limits.ts';
import type { StoreContext } from './job.ts';
import { listDerived, type ListedBlob } from './lists.ts';
import { mapInOrder } from './map-in-order.ts';

/** How many removals are under way at once. */
const AT_ONCE = 4;

export interface ExpiredDerived {
  readonly count: number;
  readonly freedBytes: number;
}

/** Removes from a store what was derived longer than `derived_lifetime` ago; whoever asks for it again has it made anew. 0 keeps all. */
export async function expireDerived(context: StoreContext): Promise<ExpiredDerived> {
  const { settings, dryRun, onProgress } = context;
  let expired: ExpiredDerived = { count: 0, freedBytes: 0 };
  if (settings.derived_lifetime === 0) return expired;
  const madeBeforeMs = Date.now() - settings.derived_lifetime;
  const remove = dryRun ? sizeOf : (blob: ListedBlob) => removeOne(context, blob);
  for await (const freedBytes of mapInOrder(listOld(context, madeBeforeMs), AT_ONCE, remove)) {
    expired = { count: expired.count + 1, freedBytes: expired.freedBytes + freedBytes };
    onProgress({ step: 'derived', count: expired.count });
  }
  return expired;
}

async function* listOld(context: StoreContext, madeBeforeMs: number): AsyncGenerator<ListedBlob> {
  for await (const blob of listDerived(context)) {
    if (blob.storedAtMs < madeBeforeMs) yield blob;
  }
}

async function sizeOf({ sizeBytes }: ListedBlob): Promise<number> {
  return sizeBytes;
}

/** One that was made anew since it was listed stays. */
async function removeOne(context: StoreContext, { digest, derivation, storedAtMs }: ListedBlob): Promise<number> {
  const request = { key: { digest, derivation, store: context.store }, withDerived: false, storedAtMs };
  return (await context.storage.deleteBlob(request, callLimits.batch(context))).freedBytes;
}
