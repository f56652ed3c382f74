import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaRecord } from '../../domain/media-record.ts';
import { judge, subjectsOf, toStandings, type Standings } from '../../domain/standing.ts';
import { toAct, toAvailable, toId, toPending } from './documents.ts';
import type { MongoDbSession } from './session.ts';

/** The records of `uris`, each at its position, as they stand after all that happened. */
export async function findRecords(session: MongoDbSession, uris: readonly MxcUri[]): Promise<(MediaRecord | undefined)[]> {
  const records = await findDocuments(session, uris);
  const standings = await readStandings(session, records.flatMap((record) => (record === undefined ? [] : subjectsOf(record))));
  return records.map((record) => record && judge(record, standings));
}

/** What there is under these names, deleted or not, and what happened to it. */
export async function findAll(session: MongoDbSession, uris: readonly MxcUri[]): Promise<{ records: MediaRecord[]; standings: Standings }> {
  const records = (await findDocuments(session, uris)).filter((record) => record !== undefined);
  return { records, standings: await readStandings(session, records.flatMap(subjectsOf)) };
}

/** What the documents alone say, each at its position; also of media whose deletion is not finished. */
export async function findDocuments(session: MongoDbSession, uris: readonly MxcUri[]): Promise<(MediaRecord | undefined)[]> {
  const ids = uris.map(toId);
  const found = new Map<string, MediaRecord>();
  for (const look of [findMedia, findPending, findMedia]) {
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length === 0) break;
    for (const record of await look(session, missing)) found.set(toId(record.uri), record);
  }
  return ids.map((id) => found.get(id));
}

/** What happened to the subjects with these texts. */
export async function readStandings({ acts }: MongoDbSession, subjects: readonly string[]): Promise<Standings> {
  if (subjects.length === 0) return new Map();
  return toStandings((await acts.find({ subject: { $in: [...new Set(subjects)] } }).toArray()).map(toAct));
}

/** The media that is available under these `_id`s. */
export async function findMedia({ media }: MongoDbSession, ids: readonly string[]): Promise<MediaRecord[]> {
  return (await media.find({ _id: { $in: ids } }, { batchSize: ids.length }).toArray()).map(toAvailable);
}

/** The media ids that are reserved under these `_id`s. */
export async function findPending({ pending }: MongoDbSession, ids: readonly string[]): Promise<MediaRecord[]> {
  return (await pending.find({ _id: { $in: ids } }, { batchSize: ids.length }).toArray()).map(toPending);
}
