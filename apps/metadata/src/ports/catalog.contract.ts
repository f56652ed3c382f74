import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { parseServerName, type ServerName } from '@medley/domain/server-name';
import { COMMON_STORE } from '@medley/domain/store-name';
import { MEDIA_ORDERS, type MediaFilter, type MediaOrder, type Position } from '../domain/media-query.ts';
import type { MediaContent, MediaRecord } from '../domain/media-record.ts';
import type { MediaQuery } from './catalog.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { HOUR_MS, ownContent, reservationOf, someone, soon } from './samples.contract.ts';

const MINUTE_MS = 60_000;
const BY = '@admin:example.org';

/** What every store promises of lists of media. */
export function testCatalog(replicas: Replicas, open: OpenStore): void {
  test('each filter lets through what it says, and nothing else', async () => {
    const library = await fill(open);
    for (const [filter, expected] of FILTERS(library)) {
      const query = { ...ALL, filter: { origins: [library.origin], ...filter } };
      assert.deepEqual(await namesIn(replicas.next(), query, library), expected, JSON.stringify(filter));
      assert.equal(await replicas.next().catalog.count(query.filter, soon()), expected.length, `count of ${JSON.stringify(filter)}`);
    }
  });

  test('several origins, users and kinds are each one of them; a tenant sees its own media and copies of all others', async () => {
    const [first, second] = [await fill(open), await fill(open)];
    const only = (filter: MediaFilter) => replicas.next().catalog.count(filter, soon());
    const origins = [first.origin, second.origin];
    assert.equal(await only({ origins }), 12);
    assert.equal(await only({ origins, userIds: [first.userId, second.userId] }), 10);
    assert.equal(await only({ origins, kinds: ['remote', 'preview'] }), 4);
    assert.equal(await only({ origins, tenant: first.origin }), 7);
  });

  for (const order of MEDIA_ORDERS) {
    test(`a list by ${order} is the same in pages of any size, by place and by number, in both directions`, async () => {
      const library = await fill(open);
      for (const isDescending of [false, true]) {
        const query: MediaQuery = { ...ALL, filter: { origins: [library.origin] }, ordering: { order, isDescending } };
        const all = await namesIn(replicas.next(), query, library);
        assert.deepEqual(all, isDescending ? ORDERED[order].toReversed().flatMap((tied) => tied) : ORDERED[order].flat());
        for (const limit of [1, 2, 5]) {
          assert.deepEqual(await readByPlace(replicas, { ...query, limit }, library), all, `by place, ${limit} each`);
          assert.deepEqual(await readByNumber(replicas, { ...query, limit }, library), all, `by number, ${limit} each`);
        }
      }
    });
  }

  test('the last page says so, also where it is full', async () => {
    const { origin } = await fill(open);
    const page = await replicas.next().catalog.list({ ...ALL, filter: { origins: [origin] }, limit: 6 }, soon());
    assert.equal(page.records.length, 6);
    assert.equal(page.next, undefined);
  });

  test('deleted and lapsed media is in no list, also while it could be restored', async () => {
    const library = await fill(open);
    const { pending, small, large } = library.uris;
    await replicas.next().acts.delete({ uris: [pending, small], by: BY }, soon());
    await replicas.next().acts.delete({ uris: [large], by: BY, trashMs: HOUR_MS }, soon());
    const lapsing = await replicas.next().reserve({ ...reservationOf(library.userId), origin: library.origin, unusedExpiresAt: Date.now() - 1 }, soon());
    const query = { ...ALL, filter: { origins: [library.origin] } };
    assert.deepEqual(await namesIn(replicas.next(), query, { ...library, uris: { ...library.uris, lapsing: lapsing.uri } }), ['preview', 'remote', 'text']);
    assert.equal(await replicas.next().catalog.count(query.filter, soon()), 3);
    await replicas.next().trash.restore({ uris: [large], by: BY }, soon());
    assert.deepEqual(await namesIn(replicas.next(), query, library), ['large', 'preview', 'remote', 'text']);
  });

  test('media that is committed is listed once, as what it is now', async () => {
    const library = await fill(open);
    const media = await replicas.next().commit(library.uris.pending, { userId: library.userId, content: ownContent() }, soon());
    const { records } = await replicas.next().catalog.list({ ...ALL, filter: { origins: [library.origin] } }, soon());
    assert.deepEqual(records.filter(({ uri }) => uri.mediaId === media.uri.mediaId), [media]);
    assert.equal(records.length, 6);
  });
}

/** What every store promises of finding media by how it stands. */
export function testStanding(replicas: Replicas, open: OpenStore): void {
  test('quarantine is found with all that shares the bytes, and no more after its end', async () => {
    const library = await fill(open);
    const { text, small, pending } = library.uris;
    const find = (filter: MediaFilter) => namesIn(replicas.next(), { ...ALL, filter: { origins: [library.origin], ...filter } }, library);
    await replicas.next().acts.setQuarantine({ uris: [text], digests: [library.contents.small.digest], isQuarantined: true, by: BY }, soon());
    const twin = await replicas.next().record({ origin: library.origin, userId: library.userId, content: library.contents.small }, soon());
    const withTwin = { ...library, uris: { ...library.uris, twin: twin.uri } };
    const hidden = { ...ALL, filter: { origins: [library.origin], isQuarantined: true } };
    assert.deepEqual((await namesIn(replicas.next(), hidden, withTwin)).sort(), ['small', 'text', 'twin']);
    const [record] = (await replicas.next().catalog.list({ ...hidden, ordering: { order: 'quarantined-by', isDescending: true } }, soon())).records;
    assert.equal(record?.quarantine?.by, BY);
    assert.deepEqual(await find({ isQuarantined: false }), ['large', 'pending', 'preview', 'remote']);
    await replicas.next().acts.setQuarantine({ uris: [pending], digests: [], isQuarantined: true, by: BY }, soon());
    await replicas.next().acts.setQuarantine({ uris: [small], digests: [], isQuarantined: false, by: BY }, soon());
    assert.deepEqual(await namesIn(replicas.next(), hidden, withTwin), ['pending', 'text']);
  });

  test('protection and loss are found', async () => {
    const library = await fill(open);
    const find = (filter: MediaFilter) => namesIn(replicas.next(), { ...ALL, filter: { origins: [library.origin], ...filter } }, library);
    await replicas.next().acts.setProtection({ uris: [library.uris.text], isProtected: true, by: BY }, soon());
    await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [library.contents.large.digest], isLost: true, by: BY }, soon());
    assert.deepEqual(await find({ isProtected: true }), ['text']);
    assert.deepEqual(await find({ isLost: true }), ['large']);
    assert.deepEqual(await find({ isProtected: false, isLost: false }), ['pending', 'preview', 'remote', 'small']);
    await replicas.next().acts.setProtection({ uris: [library.uris.text], isProtected: false, by: BY }, soon());
    await replicas.next().record({ origin: library.origin, userId: library.userId, content: library.contents.large }, soon());
    assert.deepEqual(await find({ isProtected: true }), []);
    assert.deepEqual(await find({ isLost: true }), []);
  });

  test('media that was quarantined ahead of its coming is told to be, and found when it has come', async () => {
    const origin = ownOrigin();
    const [banned, free] = [{ origin, mediaId: 'a' }, { origin, mediaId: 'b' }] as unknown as readonly [MxcUri, MxcUri];
    await replicas.next().acts.setQuarantine({ uris: [banned], digests: [], isQuarantined: true, by: BY, reason: 'spam' }, soon());
    const [ahead, none] = await replicas.next().catalog.findQuarantines([banned, free], soon());
    assert.deepEqual([ahead?.by, ahead?.reason, none], [BY, 'spam', undefined]);
    const come = await replicas.next().recordRemote(banned, ownContent(), soon());
    assert.equal(come.quarantine?.by, BY);
    assert.equal(await replicas.next().catalog.count({ origins: [origin], isQuarantined: true }, soon()), 1);
  });

  test('when media was asked for is kept to the minute, and only grows', async () => {
    const library = await fill(open);
    const { small, pending, remote } = library.uris;
    const at = Date.now() + HOUR_MS;
    const unknown = { ...small, mediaId: `${small.mediaId}x` } as MxcUri;
    await replicas.next().catalog.markAccessed([small, unknown, remote, pending].map((uri) => ({ uri, at })), soon());
    await replicas.next().catalog.markAccessed([{ uri: small, at: at - HOUR_MS }], soon());
    const minute = at - (at % MINUTE_MS);
    for (const store of replicas.all()) {
      const records = await store.find([small, remote, pending, library.uris.text], soon());
      assert.deepEqual(records.map((record) => record?.lastAccessAt), [minute, minute, minute, undefined]);
    }
    const unused: MediaFilter = { origins: [library.origin], unusedSince: minute };
    assert.deepEqual(await namesIn(replicas.next(), { ...ALL, filter: unused }, library), ['large', 'preview', 'text']);
  });
}

/** The media of one origin: five by one user, of which one is the image of a preview, and one from elsewhere. */
interface Library {
  readonly origin: ServerName;
  readonly userId: string;
  readonly startedAt: number;
  readonly uris: Readonly<Record<'pending' | 'small' | 'large' | 'text' | 'preview' | 'remote', MxcUri>>;
  readonly contents: Readonly<Record<'small' | 'large', MediaContent>>;
}

const ALL: MediaQuery = { filter: {}, ordering: { order: 'media-id', isDescending: false }, limit: 100 };

/** The names of all media in each order, ascending; those in one list are equal and keep their order. */
const ORDERED: Readonly<Record<MediaOrder, readonly (readonly string[])[]>> = {
  created: [['small'], ['pending'], ['large', 'text'], ['remote'], ['preview']],
  'last-access': [['pending'], ['large', 'text'], ['remote'], ['preview'], ['small']],
  size: [['pending'], ['small'], ['preview', 'remote', 'text'], ['large']],
  'content-type': [['pending'], ['small'], ['large', 'preview', 'remote'], ['text']],
  'upload-name': [['pending', 'preview', 'remote'], ['large'], ['small'], ['text']],
  'media-id': [['large'], ['pending'], ['preview'], ['remote'], ['small'], ['text']],
  'quarantined-by': [['large', 'pending', 'preview', 'remote', 'small', 'text']],
  protected: [['large', 'pending', 'preview', 'remote', 'small', 'text']],
};

function FILTERS({ userId, startedAt, contents }: Library): readonly (readonly [MediaFilter, readonly string[]])[] {
  return [
    [{}, ['large', 'pending', 'preview', 'remote', 'small', 'text']],
    [{ kinds: ['local'] }, ['large', 'pending', 'small', 'text']],
    [{ kinds: ['remote'] }, ['remote']],
    [{ kinds: ['preview'] }, ['preview']],
    [{ userIds: [userId] }, ['large', 'pending', 'preview', 'small', 'text']],
    [{ userIds: [someone()] }, []],
    [{ state: 'pending' }, ['pending']],
    [{ state: 'available' }, ['large', 'preview', 'remote', 'small', 'text']],
    [{ digest: contents.small.digest }, ['small']],
    [{ contentType: 'Image/' }, ['large', 'preview', 'remote', 'small']],
    [{ contentType: 'image/p_g' }, []],
    [{ contentType: 'text/plain; charset=%' }, ['text']],
    [{ contentType: '' }, ['large', 'pending', 'preview', 'remote', 'small', 'text']],
    [{ uploadName: 'ÜBER 100%' }, ['text']],
    [{ uploadName: 'CAT (1' }, ['large']],
    [{ uploadName: 'c.t' }, []],
    [{ minSizeBytes: 1000 }, ['large', 'preview', 'remote', 'text']],
    [{ maxSizeBytes: 0 }, ['small']],
    [{ minSizeBytes: 0, maxSizeBytes: 1000 }, ['preview', 'remote', 'small', 'text']],
    [{ createdFrom: startedAt + 2 }, ['large', 'preview', 'remote', 'text']],
    [{ createdBefore: startedAt + 1 }, ['small']],
    [{ createdUntil: startedAt + 1 }, ['pending', 'small']],
    [{ unusedSince: startedAt + 2 }, ['pending']],
    [{ isQuarantined: true }, []],
    [{ kinds: ['local'], minSizeBytes: 1, contentType: 'image/' }, ['large']],
  ];
}

/** Media ids are their names, so that what is equal otherwise is in the order of these. */
async function fill(open: OpenStore): Promise<Library> {
  const [origin, userId, startedAt] = [ownOrigin(), someone(), Date.now() - HOUR_MS];
  let [at, name] = [startedAt, ''];
  await using store = await open({ now: () => at, mint: () => name as MxcUri['mediaId'] });
  const contents = {
    small: { ...ownContent(), sizeBytes: 0, contentType: 'IMAGE/PNG', uploadName: 'small.png' },
    large: { ...ownContent(), sizeBytes: 5_000_000_000, contentType: 'image/jpeg', uploadName: 'cat (1).jpeg' },
  };
  const text = { ...ownContent(), contentType: 'text/plain; charset=%', uploadName: 'über 100%.txt' };
  const plain = { ...ownContent(), contentType: 'image/jpeg', uploadName: undefined };
  const uris: Partial<Record<keyof Library['uris'], MxcUri>> = {};
  const add = async (called: keyof Library['uris'], after: number, make: () => Promise<MediaRecord>) => {
    [at, name] = [startedAt + after, called];
    uris[called] = (await make()).uri;
  };
  const upload = (content: MediaContent, more = {}) => store.record({ origin, userId, content, ...more }, soon());
  await add('small', 0, () => upload(contents.small));
  await add('pending', 1, () => store.reserve({ ...reservationOf(userId), origin }, soon()));
  await add('text', 2, () => upload(text));
  await add('large', 2, () => upload(contents.large));
  await add('remote', 3, () => store.recordRemote({ origin, mediaId: name as MxcUri['mediaId'] }, plain, soon()));
  await add('preview', 4, () => upload({ ...ownContent(), contentType: 'image/jpeg', uploadName: undefined }, { expiresAt: startedAt + 10 * HOUR_MS, sourceUrl: 'https://example.org/' }));
  await store.catalog.markAccessed([{ uri: uris.small ?? assert.fail(), at: startedAt + HOUR_MS }], soon());
  return { origin, userId, startedAt, uris: uris as Library['uris'], contents };
}

function ownOrigin(): ServerName {
  return parseServerName(`${randomUUID()}.example`);
}

async function namesIn(store: MetadataStore, query: MediaQuery, { uris }: { readonly uris: Readonly<Record<string, MxcUri>> }): Promise<string[]> {
  return toNames((await store.catalog.list(query, soon())).records, uris);
}

function toNames(records: readonly MediaRecord[], uris: Readonly<Record<string, MxcUri>>): string[] {
  const names = new Map(Object.entries(uris).map(([name, { mediaId }]) => [mediaId, name]));
  return records.map(({ uri }) => names.get(uri.mediaId) ?? uri.mediaId);
}

async function readByPlace(replicas: Replicas, query: MediaQuery, { uris }: Library): Promise<string[]> {
  const names: string[] = [];
  for (let after: Position | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const { records, next } = await replicas.next().catalog.list({ ...query, ...(after !== undefined && { after }) }, soon());
    assert.ok(records.length === query.limit || next === undefined);
    names.push(...toNames(records, uris));
    after = next;
  }
  return names;
}

async function readByNumber(replicas: Replicas, query: MediaQuery, library: Library): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const more = await namesIn(replicas.next(), { ...query, offset: names.length }, library);
    if (more.length === 0) return names;
    names.push(...more);
  }
}
