import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListMediaRequest, MediaFilter } from '@medley/proto/metadata/catalog';
import { useService } from '../one-service.fixture.ts';
import { because, contentOf } from '../ports/samples.contract.ts';
import type { Client } from '../running-service.fixture.ts';

const KEY = { origin: 'remote.example', mediaId: 'media' };
const CONTENT = contentOf('a');
const NO_FILTER: MediaFilter = { kinds: [], origins: [], userIds: [] };
const LIST: ListMediaRequest = { filter: NO_FILTER, descending: false, limit: 1, withTotal: false };
const STATISTICS = { origin: 'example.org', fromMs: 0, descending: false, offset: 0, limit: 1 };

/** A number that no enum of the proto has. */
const UNKNOWN = 99 as 0;

function listing(filter: Partial<MediaFilter>): (rpc: Client['rpc']) => Promise<unknown> {
  return (rpc) => rpc.listMedia({ ...LIST, filter: { ...NO_FILTER, ...filter } });
}

const BAD: Readonly<Record<string, (rpc: Client['rpc']) => Promise<unknown>>> = {
  'recording a copy without a name': (rpc) => rpc.recordRemoteMedia({ key: undefined, content: CONTENT }),
  'recording a copy without content': (rpc) => rpc.recordRemoteMedia({ key: KEY, content: undefined }),
  'recording a copy whose digest is none': (rpc) => rpc.recordRemoteMedia({ key: KEY, content: { ...CONTENT, digest: 'abc' } }),
  'recording a copy into the store of a tenant': (rpc) => rpc.recordRemoteMedia({ key: KEY, content: { ...CONTENT, store: 'example.org' } }),
  'recording a copy into a store of its own': (rpc) => rpc.recordRemoteMedia({ key: KEY, content: { ...CONTENT, store: KEY.origin } }),
  'recording the image of a URL without end': (rpc) => rpc.recordUpload({ origin: 'example.org', userId: '@a:example.org', content: CONTENT, previewImage: { expiresAtMs: 1, url: 'a'.repeat(20_000) } }),
  'marking a media id that is none': (rpc) => rpc.markAccessed({ accesses: [{ key: { ...KEY, mediaId: '' }, atMs: 1 }] }),
  'marking before all time': (rpc) => rpc.markAccessed({ accesses: [{ key: KEY, atMs: -1 }] }),
  'marking too much at once': (rpc) => rpc.markAccessed({ accesses: Array.from({ length: 1001 }, () => ({ key: KEY, atMs: 1 })) }),
  'listing less than nothing': (rpc) => rpc.listMedia({ ...LIST, limit: -1 }),
  'listing too much at once': (rpc) => rpc.listMedia({ ...LIST, limit: 1001 }),
  'listing before the beginning': (rpc) => rpc.listMedia({ ...LIST, offset: -1 }),
  'listing by place and by number': (rpc) => rpc.listMedia({ ...LIST, offset: 1, after: 'abc' }),
  'listing in no order': (rpc) => rpc.listMedia({ ...LIST, order: 0 }),
  'listing in an order that is not known': (rpc) => rpc.listMedia({ ...LIST, order: UNKNOWN }),
  'listing no kind': listing({ kinds: [0] }),
  'listing a kind that is not known': listing({ kinds: [UNKNOWN] }),
  'listing an origin that is none': listing({ origins: [''] }),
  'listing the media of nobody': listing({ userIds: [''] }),
  'listing too many users': listing({ userIds: Array.from({ length: 1001 }, (_, index) => `@${index}:a`) }),
  'listing for a tenant that is none': listing({ tenant: 'a b' }),
  'listing a digest that is none': listing({ digest: 'abc' }),
  'listing a state that is none': listing({ state: 0 }),
  'listing a type that is too long': listing({ contentType: 'a'.repeat(256) }),
  'listing a name that is too long': listing({ uploadName: 'a'.repeat(256) }),
  'listing less than no bytes': listing({ minSizeBytes: -1 }),
  'listing what was created before all time': listing({ createdBeforeMs: -1 }),
  'counting by no group that is known': (rpc) => rpc.getUsage({ group: UNKNOWN }),
  'counting no groups': (rpc) => rpc.getUsage({ limit: 0 }),
  'counting by a filter that is none': (rpc) => rpc.getUsage({ filter: { ...NO_FILTER, origins: [''] } }),
  'counting the users of no server': (rpc) => rpc.listUserStatistics({ ...STATISTICS, origin: '' }),
  'counting no users': (rpc) => rpc.listUserStatistics({ ...STATISTICS, limit: 0 }),
  'counting users before the first': (rpc) => rpc.listUserStatistics({ ...STATISTICS, offset: -1 }),
  'counting users in no order': (rpc) => rpc.listUserStatistics({ ...STATISTICS, order: 0 }),
  'counting users until before all time': (rpc) => rpc.listUserStatistics({ ...STATISTICS, untilMs: -1 }),
};

describe('a bad request for media by what it is', () => {
  const client = useService();

  for (const [name, call] of Object.entries(BAD)) {
    test(`${name} is refused`, () => assert.rejects(call(client.rpc), because('INVALID_PARAM')));
  }
});
