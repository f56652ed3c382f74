import type { MxcUri } from '@medley/domain/mxc-uri';
import { faultPoint } from '@medley/fault-points/fault-point';
import { blobSubject, mediaSubject, type NewAct } from '../../domain/acts.ts';
import { toAvailableMedia, type AvailableMedia, type MediaContent } from '../../domain/media-record.ts';
import { noteBan } from '../../domain/quarantine-rules.ts';
import { REFETCH, requireRemote } from '../../domain/remote-rules.ts';
import { beingRemoved } from '../../domain/removal-rules.ts';
import { judge, subjectsOf } from '../../domain/standing.ts';
import { fromAvailable, toId } from './documents.ts';
import { refreshHints } from './hints.ts';
import { insertIfNew } from './insert.ts';
import { findDocuments, readStandings } from './look-up.ts';
import type { MongoDbActs } from './mongodb-acts.ts';
import type { MongoDbRemovals } from './mongodb-removals.ts';
import type { MongoDbSession } from './session.ts';

interface Collaborators {
  readonly session: MongoDbSession;
  readonly acts: MongoDbActs;
  readonly removals: MongoDbRemovals;
}

/**
 * Records a copy of another server's media; see MetadataStore.recordRemote. Whoever finds that the media was deleted says
 * in the log that it is there again. A deletion that is under way may still take the record afterwards: then the media is
 * fetched once more, which is why this is for other servers' media alone.
 */
export async function recordRemote(store: Collaborators, uri: MxcUri, content: MediaContent): Promise<AvailableMedia> {
  for (;;) {
    if (!(await store.removals.spare(content))) throw beingRemoved();
    const kept = await keep(store, uri, content);
    const record = kept && await settle(store, kept, content);
    if (record !== undefined) return record;
  }
}

/** The record that stays, be it deleted or not; undefined if somebody else has just come or gone. */
async function keep({ session }: Collaborators, uri: MxcUri, content: MediaContent): Promise<AvailableMedia | undefined> {
  const [found] = await findDocuments(session, [uri]);
  if (found === undefined) {
    const media = toAvailableMedia({ uri, userId: '', createdAt: session.now(), remote: true }, content);
    const isNew = await insertIfNew(session.media, fromAvailable(media));
    await faultPoint('metadata.commit.inserted');
    return isNew ? media : undefined;
  }
  const media = requireRemote(found);
  if (media.content.digest === content.digest) return media;
  const isDeleted = judge(media, await readStandings(session, subjectsOf(media))) === undefined;
  if (!isDeleted) return media;
  // It waits in the trash; what was fetched now takes its place.
  await session.media.deleteOne({ _id: toId(uri), digest: media.content.digest });
  return undefined;
}

/** The record as it stands in the end; undefined if somebody deletes it meanwhile. */
async function settle({ session, acts, removals }: Collaborators, media: AvailableMedia, content: MediaContent): Promise<AvailableMedia | undefined> {
  const isSame = media.content.digest === content.digest;
  if (isSame && !(await removals.spare(content))) {
    await session.media.deleteOne({ _id: toId(media.uri), digest: content.digest });
    throw beingRemoved();
  }
  const restored: NewAct = { kind: 'restored', subject: mediaSubject(media.uri), by: REFETCH };
  if (judge(media, await readStandings(session, subjectsOf(media))) === undefined) await acts.append([restored]);
  const standings = await readStandings(session, subjectsOf(media));
  const record = judge(media, standings);
  const [isThere] = await findDocuments(session, [media.uri]);
  if (record === undefined || isThere === undefined) return undefined;
  const isFound = isSame && record.lost;
  const found: NewAct[] = isFound ? [{ kind: 'found', subject: blobSubject(content), by: REFETCH }] : [];
  await acts.append([...noteBan(record, standings), ...found]);
  if (standings.size > 0) await refreshHints(session, [mediaSubject(media.uri)]);
  return { ...record, lost: record.lost && !isFound };
}
