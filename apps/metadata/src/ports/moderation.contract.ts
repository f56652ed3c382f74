import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@medley/domain/digest';
import { mintMediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { digestSubject, mediaSubject, SYSTEM, toSubjectText, type Act, type Subject } from '../domain/acts.ts';
import type { MediaContent } from '../domain/media-record.ts';
import type { ActQuery, Ban, QuarantineOrder } from './act-log.ts';
import type { Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { ORIGIN, ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';

const BY = '@admin:example.org';

/** What every store promises of who is told of a quarantine, and how often. */
export function testTelling(replicas: Replicas): void {
  test('a quarantine counts every record that it names, by itself or by its bytes, and tells each once', async () => {
    const content = ownContent();
    const [media, twin] = [await upload(replicas, content), await upload(replicas, content)];
    const pending = (await replicas.next().reserve(reservationOf(someone()), soon())).uri;
    const unknown = { origin: ORIGIN, mediaId: mintMediaId(0) };
    const before = await replicas.next().acts.position(soon());
    const order = { uris: [media, pending, unknown], reason: 'spam' };
    assert.equal(await quarantine(replicas, order), 3);
    assert.deepEqual(toldOf(await readFrom(replicas, before)), [
      ['quarantined', mediaSubject(media)], ['quarantined', mediaSubject(pending)], ['quarantined', mediaSubject(unknown)],
      ['quarantined', digestSubject(content.digest)], ['quarantined', mediaSubject(twin)],
    ]);
    const [hidden] = await replicas.next().find([twin], soon());
    assert.deepEqual([hidden?.quarantine?.by, hidden?.quarantine?.reason], [BY, 'spam']);
  });

  test('saying it again counts again and tells nothing; another admin, or another reason, is told of what is named', async () => {
    const content = ownContent();
    const [media, twin] = [await upload(replicas, content), await upload(replicas, content)];
    for (const isQuarantined of [true, false]) {
      assert.equal(await quarantine(replicas, { uris: [media], isQuarantined }), 2);
      const before = await replicas.next().acts.position(soon());
      assert.equal(await quarantine(replicas, { uris: [media], isQuarantined }), 2);
      assert.equal(await quarantine(replicas, { digests: [content.digest], isQuarantined }), 2);
      assert.equal(await replicas.next().acts.position(soon()), before);
    }
    await quarantine(replicas, { uris: [media] });
    const before = await replicas.next().acts.position(soon());
    assert.equal(await quarantine(replicas, { uris: [media], by: 'another', reason: 'worse' }), 2);
    assert.deepEqual(toldOf(await readFrom(replicas, before)), [['quarantined', mediaSubject(media)], ['quarantined', digestSubject(content.digest)]]);
    assert.equal((await replicas.next().find([twin], soon()))[0]?.quarantine?.reason, 'worse');
  });

  test('a release is told of every copy, whoever has hidden it', async () => {
    const content = ownContent();
    const media = await upload(replicas, content);
    await quarantine(replicas, { digests: [content.digest] });
    const later = await upload(replicas, content);
    const before = await replicas.next().acts.position(soon());
    assert.equal(await quarantine(replicas, { uris: [media], isQuarantined: false }), 2);
    assert.deepEqual(toldOf(await readFrom(replicas, before)), [
      ['released', mediaSubject(media)], ['released', digestSubject(content.digest)], ['released', mediaSubject(later)],
    ]);
    assert.deepEqual((await replicas.next().find([media, later], soon())).map((record) => record?.quarantine), [undefined, undefined]);
  });

  test('media that comes while its bytes are banned is noted in the log by the system, whichever way it comes', async () => {
    const content = ownContent();
    await quarantine(replicas, { digests: [content.digest], reason: 'spam' });
    const before = await replicas.next().acts.position(soon());
    const userId = someone();
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    const committed = await replicas.next().commit(uri, { userId, content }, soon());
    const recorded = await replicas.next().record(ownUpload(content), soon());
    const acts = await readFrom(replicas, before);
    assert.deepEqual(toldOf(acts), [['quarantined', mediaSubject(uri)], ['quarantined', mediaSubject(recorded.uri)]]);
    assert.ok(acts.every(({ by, reason }) => by === SYSTEM && reason === 'spam'));
    // Who has banned the bytes is still the one to be asked.
    assert.deepEqual([committed.quarantine?.by, recorded.quarantine?.by], [BY, BY]);
  });
}

/** What every store promises of protection. */
export function testProtection(replicas: Replicas): void {
  test('protected media is passed over by a quarantine, with its bytes; its copies can still be banned by their digest', async () => {
    const content = ownContent();
    const [media, twin] = [await upload(replicas, content), await upload(replicas, content)];
    assert.deepEqual(await protect(replicas, [media]), [media]);
    const before = await replicas.next().acts.position(soon());
    assert.equal(await quarantine(replicas, { uris: [media] }), 0);
    assert.equal(await replicas.next().acts.position(soon()), before);
    assert.equal(await quarantine(replicas, { digests: [content.digest] }), 1);
    for (const store of replicas.all()) {
      const [safe, hidden] = await store.find([media, twin], soon());
      assert.deepEqual([safe?.protected, safe?.quarantine, hidden?.protected, hidden?.quarantine?.by], [true, undefined, false, BY]);
    }
  });

  test('protection lifts no quarantine, and without it media can be quarantined again', async () => {
    const media = await upload(replicas);
    await quarantine(replicas, { uris: [media] });
    await protect(replicas, [media]);
    assert.equal((await replicas.next().find([media], soon()))[0]?.quarantine?.by, BY);
    assert.equal(await quarantine(replicas, { uris: [media], isQuarantined: false }), 1);
    assert.equal(await quarantine(replicas, { uris: [media] }), 0);
    await protect(replicas, [media], false);
    assert.equal(await quarantine(replicas, { uris: [media] }), 1);
    assert.equal((await replicas.next().find([media], soon()))[0]?.quarantine?.by, BY);
  });

  test('only what is there can be protected, and what is known is not said again', async () => {
    const [media, deleted] = [await upload(replicas), await upload(replicas)];
    await replicas.next().acts.delete({ uris: [deleted], by: BY }, soon());
    const before = await replicas.next().acts.position(soon());
    const uris = [deleted, media, { origin: ORIGIN, mediaId: mintMediaId(0) }];
    for (const isProtected of [false, true, true, false, false]) assert.deepEqual(await protect(replicas, uris, isProtected), [media]);
    assert.deepEqual(toldOf(await readFrom(replicas, before)), [['protected', mediaSubject(media)], ['unprotected', mediaSubject(media)]]);
  });
}

/** What every store promises to those who read the log and the bans. */
export function testReading(replicas: Replicas): void {
  test('the log is read in both directions, by kind, by media, with or without what is about bytes', async () => {
    const before = await replicas.next().acts.position(soon());
    const content = ownContent();
    const [media, other] = [await upload(replicas, content), await upload(replicas)];
    await quarantine(replicas, { uris: [media], reason: 'spam' });
    await protect(replicas, [other]);
    await quarantine(replicas, { uris: [media], isQuarantined: false });
    const list = async (query: Partial<ActQuery>): Promise<number[]> => {
      const page = await replicas.next().acts.list({ after: before, limit: 100, kinds: [], isMediaOnly: false, isDescending: false, ...query }, soon());
      assert.equal(page.position, before + 5);
      return page.acts.map(({ sequence }) => sequence - before);
    };
    assert.deepEqual(await list({}), [1, 2, 3, 4, 5]);
    assert.deepEqual(await list({ limit: 2 }), [1, 2]);
    assert.deepEqual(await list({ after: before + 2, limit: 2 }), [3, 4]);
    assert.deepEqual(await list({ isMediaOnly: true }), [1, 3, 4]);
    assert.deepEqual(await list({ kinds: ['released', 'protected'] }), [3, 4, 5]);
    assert.deepEqual(await list({ kinds: ['quarantined', 'released'], isMediaOnly: true }), [1, 4]);
    assert.deepEqual(await list({ uri: media }), [1, 4]);
    assert.deepEqual(await list({ uri: media, kinds: ['released'], after: undefined, isDescending: true }), [4]);
    assert.deepEqual(await list({ after: undefined, isDescending: true, limit: 3 }), [5, 4, 3]);
    assert.deepEqual(await list({ after: before + 3, isDescending: true, limit: 2 }), [2, 1]);
    assert.deepEqual(await list({ after: before + 5 }), []);
    const [first] = (await replicas.next().acts.after(before, 1, soon()));
    assert.deepEqual([first?.by, first?.reason], [BY, 'spam']);
  });

  test('bans are listed by subject, with and without a record, until they are lifted; what only follows from one is not', async () => {
    const content = ownContent();
    const media = await upload(replicas, content);
    const unknown = { origin: ORIGIN, mediaId: mintMediaId(0) };
    const lifted = ownContent();
    for (let again = 0; again < 3; again += 1) await quarantine(replicas, { uris: [unknown], by: `${BY}${again}` });
    await quarantine(replicas, { uris: [media], digests: [lifted.digest], reason: 'spam' });
    const copy = await upload(replicas, content);
    await replicas.next().acts.delete({ uris: [media], by: BY }, soon());
    await quarantine(replicas, { digests: [lifted.digest], isQuarantined: false });
    const own = [media, unknown, copy].map(mediaSubject).concat([content, lifted].map(({ digest }) => digestSubject(digest))).map(toSubjectText);
    for (const limit of [1, 7, 1000]) {
      const bans = new Map((await readBans(replicas, limit)).map(({ subject, quarantine: { by, reason } }) => [toSubjectText(subject), [by, reason]]));
      assert.deepEqual(own.map((subject) => bans.get(subject)), [[BY, 'spam'], [`${BY}2`, undefined], undefined, [BY, 'spam'], undefined]);
    }
  });
}

/** What holds of bytes with more copies than are told at once; adapters make these in the way that is quick for them. */
export async function requireAllTold(store: MetadataStore, digest: Digest, count: number): Promise<void> {
  for (const isQuarantined of [true, false]) {
    const before = await store.acts.position(soon());
    const order = { uris: [], digests: [digest], isQuarantined, by: BY };
    assert.equal(await store.acts.setQuarantine(order, AbortSignal.timeout(60_000)), count);
    const acts = await store.acts.after(before, 2 * count, soon());
    assert.equal(acts.length, count + 1);
    assert.equal(new Set(acts.map(({ subject }) => toSubjectText(subject))).size, count + 1);
  }
}

async function upload(replicas: Replicas, content: MediaContent = ownContent()): Promise<MxcUri> {
  return (await replicas.next().record(ownUpload(content), soon())).uri;
}

function quarantine(replicas: Replicas, changes: Partial<QuarantineOrder>): Promise<number> {
  return replicas.next().acts.setQuarantine({ uris: [], digests: [], isQuarantined: true, by: BY, ...changes }, soon());
}

function protect(replicas: Replicas, uris: readonly MxcUri[], isProtected = true): Promise<readonly MxcUri[]> {
  return replicas.next().acts.setProtection({ uris, isProtected, by: BY }, soon());
}

function readFrom(replicas: Replicas, before: number): Promise<readonly Act[]> {
  return replicas.next().acts.after(before, 1000, soon());
}

function toldOf(acts: readonly Act[]): (readonly [string, Subject])[] {
  return acts.map(({ kind, subject }) => [kind, subject]);
}

async function readBans(replicas: Replicas, limit: number): Promise<Ban[]> {
  const all: Ban[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const { bans, next } = await replicas.next().acts.listBans(after, limit, soon());
    all.push(...bans);
    after = next;
  }
  return all;
}
