import type { StoreContext } from './job.ts';
import { listDerived, listOriginals, type ListedBlob } from './lists.ts';

/** Every derived blob of a store whose source is not there, by the digest of its source. */
export async function* listDerivedWithoutSource(context: StoreContext): AsyncGenerator<ListedBlob> {
  const originals = listOriginals(context);
  try {
    let original = await originals.next();
    for await (const derived of listDerived(context)) {
      while (original.done !== true && original.value.digest < derived.digest) original = await originals.next();
      if (original.done === true || original.value.digest !== derived.digest) yield derived;
    }
  } finally {
    await originals.return(undefined);
  }
}
