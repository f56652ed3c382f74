import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { contentOf, ORIGIN } from '../ports/samples.contract.ts';
import { digestSubject, mediaSubject, parseSubject, toSubjectText, type Act, type ActKind, type Subject } from './acts.ts';
import { toAvailableMedia, toPendingMedia } from './media-record.ts';
import { isDigestLost, judge, toStandings } from './standing.ts';

const CREATION = { uri: { origin: ORIGIN, mediaId: mintMediaId(0) }, userId: '@alice:example.org', createdAt: 0 };
const MEDIA = toAvailableMedia(CREATION, contentOf('a'));
const BY_MEDIA = mediaSubject(MEDIA.uri);
const BY_DIGEST = digestSubject(MEDIA.content.digest);

function acts(...entries: readonly (readonly [ActKind, Subject])[]): Act[] {
  return entries.map(([kind, subject], index) => ({ sequence: index + 1, kind, subject, by: `actor ${index + 1}`, at: 100 * (index + 1) }));
}

test('without acts a record stands as it was written', () => {
  assert.equal(judge(MEDIA, toStandings(acts(['deleted', mediaSubject({ ...MEDIA.uri, mediaId: mintMediaId(1) })]))), MEDIA);
});

test('the newest act decides on quarantine, be it on the media or on its digest, and in whatever order it is read', () => {
  const hidden = acts(['quarantined', BY_MEDIA], ['released', BY_DIGEST], ['quarantined', BY_DIGEST]);
  assert.deepEqual(judge(MEDIA, toStandings(hidden.toReversed()))?.quarantine, { by: 'actor 3', at: 300 });
  assert.equal(judge(MEDIA, toStandings(acts(['quarantined', BY_DIGEST], ['released', BY_MEDIA])))?.quarantine, undefined);
});

test('loss and quarantine are told apart', () => {
  const standings = toStandings(acts(['lost', BY_DIGEST], ['quarantined', BY_DIGEST], ['released', BY_DIGEST]));
  assert.deepEqual(judge(MEDIA, standings), { ...MEDIA, lost: true });
  assert.equal(isDigestLost(MEDIA.content.digest, standings), true);
  assert.equal(isDigestLost(MEDIA.content.digest, toStandings(acts(['lost', BY_DIGEST], ['found', BY_DIGEST]))), false);
});

test('nothing brings a deleted media back', () => {
  assert.equal(judge(MEDIA, toStandings(acts(['deleted', BY_MEDIA], ['released', BY_MEDIA], ['found', BY_DIGEST]))), undefined);
});

test('an act on a digest says nothing of a media id without bytes', () => {
  const pending = toPendingMedia(CREATION, 1);
  assert.equal(judge(pending, toStandings(acts(['quarantined', BY_DIGEST]))), pending);
});

test('a subject is read as it was written', () => {
  for (const subject of [BY_MEDIA, BY_DIGEST]) assert.deepEqual(parseSubject(toSubjectText(subject)), subject);
});
