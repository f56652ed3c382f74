interface Named {
  readonly digest: string;
}

/** What two lists say about one digest. */
export interface Pair<Left, Right> {
  readonly digest: string;
  readonly left?: Left;
  readonly right?: Right;
}

/**
 * Puts two lists side by side that are both in the order of digests and name each once. Holds one item of each. Both are
 * closed when the loop is left.
 */
export async function* mergeByDigest<Left extends Named, Right extends Named>(
  lefts: AsyncGenerator<Left>,
  rights: AsyncGenerator<Right>,
): AsyncGenerator<Pair<Left, Right>> {
  try {
    let [left, right] = await Promise.all([nextOf(lefts), nextOf(rights)]);
    while (left !== undefined || right !== undefined) {
      const order = compare(left, right);
      if (order < 0 && left !== undefined) yield { digest: left.digest, left };
      else if (order > 0 && right !== undefined) yield { digest: right.digest, right };
      else if (left !== undefined && right !== undefined) yield { digest: left.digest, left, right };
      [left, right] = await Promise.all([order <= 0 ? nextOf(lefts) : left, order >= 0 ? nextOf(rights) : right]);
    }
  } finally {
    await Promise.all([lefts.return(undefined), rights.return(undefined)]);
  }
}

/** What is over sorts last. */
function compare(left: Named | undefined, right: Named | undefined): number {
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  if (left.digest === right.digest) return 0;
  return left.digest < right.digest ? -1 : 1;
}

async function nextOf<Item>(items: AsyncGenerator<Item>): Promise<Item | undefined> {
  const next = await items.next();
  return next.done === true ? undefined : next.value;
}
