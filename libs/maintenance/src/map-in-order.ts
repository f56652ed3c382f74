/**
 * Yields what `work` makes of each item, in the order of the items, with up to `concurrency` of them under way. The
 * first failure, in that order, ends it; what is still under way is waited for.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      result.catch(() => {}); // told when its turn comes
      running.push(result);
      if (running.length >= concurrency) yield await takeFirst(running);
    }
    while (running.length > 0) yield await takeFirst(running);
  } finally {
    await Promise.allSettled(running);
  }
}

async function takeFirst<Result>(running: Promise<Result>[]): Promise<Result> {
  const [first] = running.splice(0, 1);
  if (first === undefined) throw new Error('nothing is under way');
  return first;
}
