import type { Ordering } from '../../domain/media-query.ts';
import type { AnyDocument } from './documents.ts';
import { keyOf } from './media-condition.ts';

/** Merges lists that each are in order into one; closes them all when its reader leaves. */
export async function* merged(sources: readonly AsyncIterable<AnyDocument>[], ordering: Ordering): AsyncGenerator<AnyDocument> {
  const readers = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      const first = leastOf(heads, ordering);
      const document = heads[first]?.value;
      const reader = readers[first];
      if (document === undefined || reader === undefined) return;
      yield document;
      heads[first] = await reader.next();
    }
  } finally {
    for (const reader of readers) await reader.return?.();
  }
}

/** Reads `count` items after the first `offset`. */
export async function readPart<Item>(items: AsyncIterable<Item>, offset: number, count: number): Promise<Item[]> {
  const part: Item[] = [];
  let passed = 0;
  for await (const item of items) {
    passed += 1;
    if (passed > offset && part.push(item) === count) break;
  }
  return part;
}

/** The position of what comes first; -1 when nothing is left. */
function leastOf(heads: readonly IteratorResult<AnyDocument, unknown>[], ordering: Ordering): number {
  return heads.reduce((least, head, position) => {
    if (head.done === true) return least;
    const before = heads[least];
    return before === undefined || before.done === true || compare(head.value, before.value, ordering) < 0 ? position : least;
  }, -1);
}

function compare(first: AnyDocument, second: AnyDocument, { order, isDescending }: Ordering): number {
  const byKey = compareValues(keyOf(first, order), keyOf(second, order));
  if (byKey !== 0) return isDescending ? -byKey : byKey;
  return compareValues(first.origin, second.origin) || compareValues(first.mediaId, second.mediaId);
}

/** Texts by their bytes, as the server does. */
function compareValues(first: number | string, second: number | string): number {
  if (typeof first === 'number' || typeof second === 'number') return Number(first) - Number(second);
  return Buffer.compare(Buffer.from(first), Buffer.from(second));
}
