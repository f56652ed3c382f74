import type { MxcUri } from '@medley/domain/mxc-uri';
import { blobSubject, mediaSubject, type NewAct } from '../../domain/acts.ts';
import type { AvailableMedia, MediaContent } from '../../domain/media-record.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { beingRemoved } from '../../domain/removal-rules.ts';
import { REFETCH, requireRemote } from '../../domain/remote-rules.ts';
import { subjectsOf } from '../../domain/standing.ts';
import { refreshHints } from './hints.ts';
import { addActs, findRecords, readStandings } from './look-up.ts';
import { fromContent, fromCreation, fromUri, toRecord, type MediaRow } from './rows.ts';
import type { SqliteSession } from './session.ts';

/** Records a copy of another server's media, inside a transaction; see MetadataStore.recordRemote. */
export function recordRemote(session: SqliteSession, uri: MxcUri, content: MediaContent): AvailableMedia {
  const [kept] = findRecords(session.sql, [uri]);
  if (kept === undefined) insert(session, uri, content);
  const media = requireRemote(kept ?? findRecords(session.sql, [uri])[0]);
  if (!media.lost || media.content.digest !== content.digest) return media;
  addActs(session, [{ kind: 'found', subject: blobSubject(content), by: REFETCH }]);
  return { ...media, lost: false };
}

/** What is in the trash stays as it is if its bytes are the same, and goes otherwise. */
function insert(session: SqliteSession, uri: MxcUri, content: MediaContent): void {
  const { sql, now } = session;
  if (sql.isClaimed.get({ store: content.store, digest: content.digest }) !== undefined) throw beingRemoved();
  const [trashed] = sql.find.all({ names: JSON.stringify([[uri.origin, uri.mediaId]]) }) as unknown as MediaRow[];
  if (trashed !== undefined) requireRemote(toRecord(trashed));
  if (trashed?.state !== 'available' || trashed.digest !== content.digest) {
    sql.remove.run(fromUri(uri));
    sql.record.run({ ...fromCreation({ uri, userId: '', createdAt: now(), remote: true }), ...fromContent(content) });
  }
  const restored: NewAct = { kind: 'restored', subject: mediaSubject(uri), by: REFETCH };
  if (findRecords(sql, [uri])[0] === undefined) addActs(session, [restored]);
  const media = requireRemote(findRecords(sql, [uri])[0]);
  const standings = readStandings(sql, subjectsOf(media));
  addActs(session, noteBan(media, standings));
  if (standings.size > 0) refreshHints(session, [mediaSubject(uri)]);
}
