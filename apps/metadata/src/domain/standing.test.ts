import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { parseStoreName } from '@medley/domain/store-name';
import { contentOf, ORIGIN } from '../ports/samples.contract.ts';
import { blobSubject, digestSubject, mediaSubject, parseSubject, SYSTEM, toSubjectText, type Act, type ActKind, type NewAct, type Subject } from './acts.ts';
import { toAvailableMedia, toPendingMedia } from './media-record.ts';
import { banOn, isBlobLost, isGone, isRestored, judge, judgeTrashed, toStandings, type Standings } from './standing.ts';

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
  assert.equal(isBlobLost(MEDIA.content, standings), true);
  assert.equal(isBlobLost(MEDIA.content, toStandings(acts(['lost', BY_DIGEST], ['found', BY_DIGEST]))), false);
});

test('bytes are lost in one store, while a ban of them holds in all', () => {
  const own = { ...MEDIA, content: { ...MEDIA.content, store: parseStoreName(ORIGIN) } };
  const [lost, lostThere] = [toStandings(acts(['lost', BY_DIGEST])), toStandings(acts(['lost', blobSubject(own.content)]))];
  assert.deepEqual([MEDIA, own].map((media) => judge(media, lost)?.lost), [true, false]);
  assert.deepEqual([MEDIA, own].map((media) => judge(media, lostThere)?.lost), [false, true]);
  assert.deepEqual([MEDIA, own].map(({ content }) => isBlobLost(content, lostThere)), [false, true]);
  const banned = toStandings(acts(['lost', BY_DIGEST], ['quarantined', BY_DIGEST]));
  assert.deepEqual(judge(own, banned), { ...own, quarantine: { by: 'actor 2', at: 200 } });
});

const SYSTEM_NOTE = { kind: 'quarantined', subject: BY_MEDIA, by: SYSTEM } as const;
const IN_TRASH = { kind: 'deleted', subject: BY_MEDIA, by: 'admin', purgeAt: 5000 } as const;
const REMOTE = { ...MEDIA, remote: true } as const;

function history(...entries: readonly (Omit<NewAct, 'by'> & { readonly by?: string })[]): Standings {
  return toStandings(entries.map((act, index) => ({ by: 'admin', ...act, sequence: index + 1, at: index })));
}

function on(kind: ActKind, subject: Subject = BY_MEDIA): NewAct {
  return { kind, subject, by: 'admin' };
}

test('a quarantine does not touch what is protected at that moment, and protection lifts none', () => {
  for (const subject of [BY_MEDIA, BY_DIGEST]) {
    assert.deepEqual(judge(MEDIA, history(on('protected'), on('quarantined', subject))), { ...MEDIA, protected: true });
    assert.deepEqual(judge(MEDIA, history(on('protected'), on('quarantined', subject), on('unprotected'))), MEDIA);
    assert.notEqual(judge(MEDIA, history(on('quarantined', subject), on('protected')))?.quarantine, undefined);
    assert.notEqual(judge(MEDIA, history(on('protected'), on('unprotected'), on('quarantined', subject)))?.quarantine, undefined);
  }
});

test('a quarantine says why', () => {
  assert.deepEqual(judge(MEDIA, history({ ...on('quarantined'), reason: 'spam' }))?.quarantine, { by: 'admin', at: 0, reason: 'spam' });
});

test('a note by the system hides nothing, and does not take the place of who banned the bytes', () => {
  assert.deepEqual(judge(MEDIA, history(on('quarantined', BY_DIGEST), SYSTEM_NOTE))?.quarantine, { by: 'admin', at: 0 });
  assert.equal(judge(MEDIA, history(on('quarantined', BY_DIGEST), on('released', BY_DIGEST), SYSTEM_NOTE))?.quarantine, undefined);
});

test('what is in the trash is hidden, and comes back as what has happened to it since', () => {
  const trashed = history(IN_TRASH, on('quarantined', BY_DIGEST));
  assert.equal(judge(MEDIA, trashed), undefined);
  const found = judgeTrashed(MEDIA, trashed);
  assert.deepEqual([found?.purgeAt, found?.deletion.by, found?.record.quarantine?.by], [5000, 'admin', 'admin']);
  assert.equal(isGone(MEDIA, trashed), false);
  const back = history(IN_TRASH, on('quarantined', BY_DIGEST), on('restored'));
  assert.equal(judge(MEDIA, back)?.quarantine?.by, 'admin');
  assert.equal(isRestored(MEDIA, back), true);
});

test('a purge counts only where it comes before the restoration, and then nothing brings local media back', () => {
  assert.deepEqual(judge(MEDIA, history(IN_TRASH, on('restored'), on('purged'))), MEDIA);
  for (const final of [[IN_TRASH, on('purged')], [IN_TRASH, on('deleted')], [on('deleted'), IN_TRASH], [on('deleted')]]) {
    const gone = history(...final, on('restored'));
    assert.equal(judge(MEDIA, gone), undefined);
    assert.equal(judgeTrashed(MEDIA, gone), undefined);
    assert.equal(isGone(MEDIA, gone), true);
    assert.deepEqual(judge(REMOTE, gone), REMOTE);
    assert.equal(isRestored(REMOTE, gone), false);
  }
});

test('media that is deleted again is deleted as it was said last', () => {
  const again = history(IN_TRASH, on('restored'), { ...IN_TRASH, purgeAt: 7000 });
  assert.equal(judgeTrashed(MEDIA, again)?.purgeAt, 7000);
  assert.equal(isRestored(MEDIA, again), false);
});

test('a ban is what the acts on a subject say of it alone', () => {
  const [media, digest] = [toSubjectText(BY_MEDIA), toSubjectText(BY_DIGEST)];
  const standings = history({ ...on('quarantined', BY_DIGEST), reason: 'spam' }, SYSTEM_NOTE);
  assert.deepEqual([banOn(digest, standings)?.reason, banOn(media, standings)], ['spam', undefined]);
  assert.equal(banOn(digest, history(on('quarantined', BY_DIGEST), on('released', BY_DIGEST))), undefined);
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
