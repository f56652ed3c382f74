import { mediaSubject, type Author, type NewAct } from './acts.ts';
import type { MediaRecord } from './media-record.ts';
import { judge, judgeTrashed, type Standings } from './standing.ts';

/** What is to be told of media that somebody deletes; nothing if it is deleted already. Only what has bytes can be put into the trash. */
export function toDeletion(
  record: MediaRecord,
  standings: Standings,
  { by, reason, purgeAt }: Author & { readonly purgeAt: number | undefined },
): NewAct[] {
  const act = { subject: mediaSubject(record.uri), by, reason };
  if (judge(record, standings) !== undefined) return [{ ...act, kind: 'deleted', purgeAt: record.state === 'available' ? purgeAt : undefined }];
  return purgeAt === undefined && judgeTrashed(record, standings) !== undefined ? [{ ...act, kind: 'purged' }] : [];
}
