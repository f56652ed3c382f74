import type { Collection } from 'mongodb';
import type { Subject } from '../../domain/acts.ts';
import { toHints, type Hints } from '../../domain/media-query.ts';
import { judge, subjectsOf } from '../../domain/standing.ts';
import { toId, toRecord, type AnyDocument } from './documents.ts';
import { readStandings } from './look-up.ts';
import type { MongoDbSession } from './session.ts';
import { updateAll } from './update.ts';

/** How many documents are in memory at once. */
const BATCH = 500;

/**
 * Makes the fields by which media is found say what the acts on these subjects have come to; to be called when they are in
 * the log. Of several who do this at once the last to write looks again afterwards, and so sees the acts of all. Where
 * somebody dies in between, a field stays wrong until the next act: so nothing is answered by these fields alone.
 */
export async function refreshHints(session: MongoDbSession, subjects: readonly Subject[]): Promise<void> {
  await refresh(session, subjects.flatMap((subject) => (subject.kind === 'media' ? [toId(subject.uri)] : [])));
  const digests = subjects.flatMap((subject) => (subject.kind === 'digest' ? [subject.digest] : []));
  if (digests.length === 0) return;
  let ids: string[] = [];
  for await (const { _id } of session.media.find({ digest: { $in: digests } }, { projection: { _id: 1 } })) {
    if (ids.push(_id) < BATCH) continue;
    await refresh(session, ids);
    ids = [];
  }
  await refresh(session, ids);
}

async function refresh(session: MongoDbSession, ids: readonly string[]): Promise<void> {
  for (const collection of session.everything) {
    let changed = ids;
    while (changed.length > 0) changed = await refreshOnce(session, collection, changed);
  }
}

/** Answers the `_id`s of the documents that said something else. */
async function refreshOnce(session: MongoDbSession, collection: Collection<AnyDocument>, ids: readonly string[]): Promise<readonly string[]> {
  const documents = await collection.find({ _id: { $in: ids } }, { batchSize: ids.length }).toArray();
  const records = documents.map(toRecord);
  const standings = await readStandings(session, records.flatMap(subjectsOf));
  const updates = documents.flatMap((document, position) => {
    const record = records[position];
    const hints = toHints(record && judge(record, standings));
    return saysSo(document, hints) ? [] : [{ updateOne: { filter: { _id: document._id }, update: { $set: hints } } }];
  });
  await updateAll(collection, updates);
  return updates.map(({ updateOne }) => updateOne.filter._id);
}

function saysSo(document: Hints, { quarantinedBy, isProtected, isLost, isDeleted }: Hints): boolean {
  return document.quarantinedBy === quarantinedBy && document.isProtected === isProtected
    && document.isLost === isLost && document.isDeleted === isDeleted;
}
