import { MongoBulkWriteError, type Collection, type OptionalUnlessRequiredId } from 'mongodb';
import { DUPLICATE_KEY_CODE, isDuplicateKey } from './mongodb-errors.ts';

/** Inserts a document; false if there is one with its `_id` already. */
export async function insertIfNew<Fields extends { _id: string }>(
  collection: Collection<Fields>,
  document: OptionalUnlessRequiredId<Fields>,
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Inserts those documents whose `_id` is not taken, and answers their positions. */
export async function insertNew<Fields extends { _id: string }>(
  collection: Collection<Fields>,
  documents: readonly OptionalUnlessRequiredId<Fields>[],
): Promise<ReadonlySet<number>> {
  const positions = new Set(documents.keys());
  if (documents.length === 0) return positions;
  try {
    await collection.insertMany(documents, { ordered: false });
  } catch (error) {
    for (const position of takenPositions(error)) positions.delete(position);
  }
  return positions;
}

/** Inserts documents in order until it comes to one whose `_id` is taken, and answers how many it has inserted. */
export async function insertUntilTaken<Fields extends { _id: number }>(
  collection: Collection<Fields>,
  documents: readonly OptionalUnlessRequiredId<Fields>[],
): Promise<number> {
  try {
    await collection.insertMany(documents, { ordered: true });
    return documents.length;
  } catch (error) {
    return Math.min(...takenPositions(error));
  }
}

/** Rethrows whatever is not about an `_id` that is taken. */
function takenPositions(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY_CODE)) throw error;
  return errors.map(({ index }) => index);
}
