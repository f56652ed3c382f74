import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb';

/** FerretDB stands still for ever over a hundred in one command; sixty it does well. */
const AT_ONCE = 50;

/** Makes many updates, in whatever order, and answers how many documents they have found. */
export async function updateAll<Fields extends Document>(
  collection: Collection<Fields>,
  updates: readonly AnyBulkWriteOperation<Fields>[],
): Promise<number> {
  let matched = 0;
  for (let start = 0; start < updates.length; start += AT_ONCE) {
    matched += (await collection.bulkWrite(updates.slice(start, start + AT_ONCE), { ordered: false })).matchedCount;
  }
  return matched;
}
