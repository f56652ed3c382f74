import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { connectService } from '@medley/grpc/client';
import { serveGrpc } from '@medley/grpc/server';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { MediaUseKind, type ListRoomMediaRequest, type ListRoomMediaResponse, type MediaUse } from '@medley/proto/metadata/rooms';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { quietTelemetry } from '@medley/testing/telemetry';
import { withoutOthers } from '../gateway.fixture.ts';
import { makeTenant } from '../tenants.fixture.ts';
import type { Tenant } from '../tenants.ts';
import { roomMedia, type RoomMediaSources, type RoomQuestion } from './room-media.ts';

const ROOM = '!room/é:example.org';

describe('the media of a room', () => {
  const opened = new AsyncDisposableStack();
  let homeserver: FakeHomeserver;
  let sources: RoomMediaSources;
  let uses: readonly MediaUse[];
  before(async () => {
    homeserver = opened.use(await FakeHomeserver.start('example.org'));
    const implementation = withoutOthers(MetadataServiceDefinition, { listRoomMedia: async (request: ListRoomMediaRequest) => pageOf(uses, request) });
    const server = await serveGrpc({ service: MetadataServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
    opened.defer(() => server.stop(0));
    const client = connectService(MetadataServiceDefinition, { address: server.address });
    opened.defer(() => client.close());
    sources = { services: { metadata: client.rpc }, ...quietTelemetry() };
  });
  after(() => opened.disposeAsync());
  beforeEach(() => {
    uses = [];
    homeserver.isSynapse = true;
    homeserver.manners = 'well';
    homeserver.setRoomMedia(ROOM, { local: [], remote: [] });
  });

  const tenantAt = (clientApi: string | undefined): Tenant => makeTenant({ client_api: clientApi });
  const ask = (parts: Partial<RoomQuestion> = {}) =>
    roomMedia(sources, { tenant: tenantAt(homeserver.url), roomId: ROOM, token: homeserver.addAdmin().token, ...parts }, AbortSignal.timeout(20_000));
  const list = async (parts: Partial<RoomQuestion> = {}) => (await Array.fromAsync(ask(parts))).flat().map(toMxcText);

  it('is what the index knows, newest first, then what the homeserver knows besides, each once', async () => {
    uses = ['c', 'b', 'c', 'a'].map((mediaId) => use(mediaId));
    homeserver.setRoomMedia(ROOM, { local: ['mxc://example.org/old', 'mxc://example.org/b', 'mxc://example.org/old'], remote: ['mxc://b.example/1'] });
    assert.deepEqual(await list(), ['mxc://example.org/c', 'mxc://example.org/b', 'mxc://example.org/a', 'mxc://example.org/old', 'mxc://b.example/1']);
    assert.deepEqual(await list({ roomId: '!unknown:example.org', tenant: tenantAt(undefined) }), ['mxc://example.org/c', 'mxc://example.org/b', 'mxc://example.org/a']);
  });

  it('is read page by page', async () => {
    uses = Array.from({ length: 2500 }, (_, index) => use(`m${index}`));
    const sizes = (await Array.fromAsync(ask())).map(({ length }) => length);
    assert.deepEqual(sizes, [1000, 1000, 500]);
  });

  it('has the avatars of members only if they are wanted', async () => {
    uses = [use('member', MediaUseKind.MEMBER_AVATAR), use('room', MediaUseKind.ROOM_AVATAR)];
    assert.equal((await list()).length, 2);
    assert.deepEqual(await list({ withoutMembers: true }), ['mxc://example.org/room']);
  });

  it('is what the index knows alone where the homeserver has no such answer, or not for this token', async () => {
    uses = [use('a')];
    assert.deepEqual(await list({ token: homeserver.addUser().token }), ['mxc://example.org/a']);
    homeserver.isSynapse = false;
    assert.deepEqual(await list(), ['mxc://example.org/a']);
  });

  it('is not asked for with a token that the homeserver does not know', async () => {
    const before = homeserver.adminCalls.length;
    assert.deepEqual(await list({ token: 'fixed' }), []);
    assert.equal(homeserver.adminCalls.length, before);
  });

  for (const manners of ['failing', 'babbling'] as const) {
    it(`is not said to be all while the homeserver is ${manners}`, async () => {
      homeserver.manners = manners;
      await assert.rejects(list(), { reason: 'HOMESERVER_UNAVAILABLE' });
    });
  }

  it('is not said to be all when the homeserver is gone, or breaks off', async () => {
    await assert.rejects(list({ tenant: tenantAt('http://127.0.0.1:1') }), { reason: 'HOMESERVER_UNAVAILABLE' });
    await using server = await serve((_request, response) => {
      response.write('{"local":["mxc://example.org/a"');
      setImmediate(() => response.destroy());
    });
    await assert.rejects(list({ tenant: tenantAt(server.url) }), { reason: 'HOMESERVER_UNAVAILABLE' });
  });

  it('is given up with an error once the homeserver’s list is larger than 64 MiB', { timeout: 60_000 }, async () => {
    const line = Buffer.from('"mxc://example.org/same",'.repeat(40_000));
    const endless = function* () {
      for (yield '{"local":['; ; ) yield line;
    };
    await using server = await serve((_request, response) => void pipeline(endless, response).catch(() => undefined));
    const found: string[] = [];
    await assert.rejects(async () => {
      for await (const keys of ask({ tenant: tenantAt(server.url) })) found.push(...keys.map(toMxcText));
    }, { reason: 'REMOTE_TOO_LARGE' });
    assert.deepEqual(found, ['mxc://example.org/same']);
  });
});

function use(mediaId: string, kind: MediaUse['kind'] = MediaUseKind.EVENT): MediaUse {
  return { key: { origin: 'example.org', mediaId }, roomId: ROOM, eventId: '$e', kind, sender: '@a:example.org', atMs: 0 };
}

function pageOf(uses: readonly MediaUse[], { limit, after }: ListRoomMediaRequest): ListRoomMediaResponse {
  const from = Number(after ?? 0);
  return { uses: uses.slice(from, from + limit), next: from + limit < uses.length ? String(from + limit) : undefined };
}

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
