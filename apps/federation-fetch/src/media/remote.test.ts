import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMediaId } from '@medley/domain/media-id';
import { parseServerName } from '@medley/domain/server-name';
import { DnsServer } from '@medley/safe-fetch/dns-server.fixture';
import { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { collectBytes } from '@medley/streams/byte-stream';
import { FakeRemote, refuse, type RemoteScript } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { toRedirect } from '@medley/testing/fake-remote-multipart';
import { Discovery } from '../discovery/discovery.ts';
import { requestSigner } from '../signing/sign-request.ts';
import { Patience } from './patience.ts';
import { Remote } from './remote.ts';

const NAME = 'remote.example.com';
const OWN = { server_name: 'medley.example', signing_key: 'ed25519 1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1' };
const LIMITS = { timeout: 5000, max_duration: 10_000, spool_bytes: 2 ** 20 };
const [PUBLIC, PRIVATE] = ['127.77.0.1', '127.0.0.1'];
const MEDIA = { bytes: Buffer.from('media') };

/** A server at a public address that DNS gives to its name, and a trap that is not public. */
class Scene implements AsyncDisposable {
  now = 0;
  readonly dns: DnsServer;
  readonly server: FakeRemote;
  readonly trap: FakeRemote;
  readonly #fetch: SafeFetch;
  readonly #remote: Remote;

  private constructor(dns: DnsServer, server: FakeRemote, trap: FakeRemote) {
    this.dns = dns;
    this.server = server;
    this.trap = trap;
    this.#fetch = new SafeFetch({
      userAgent: 'test', ports: 'unreserved', allowsDowngrade: false, ca: REMOTE_AUTHORITY, networks: { allowed: [PUBLIC] }, dnsServers: [dns.address],
    });
    const discovery = new Discovery({ fetch: this.#fetch, rules: { enabled: true, denied_servers: [] }, ownNames: [OWN.server_name] });
    this.#remote = new Remote({ fetch: this.#fetch, discovery, sign: requestSigner([OWN]), config: LIMITS, now: () => this.now });
  }

  static async open(): Promise<Scene> {
    const [dns, server, trap] = [await DnsServer.start(), await FakeRemote.start({ host: PUBLIC }), await FakeRemote.start({ host: PRIVATE })];
    dns.set(NAME, [PUBLIC]);
    return new Scene(dns, server, trap);
  }

  /** What the server has under this id, by its name. */
  async fetch(mediaId: string, port = this.server.port): Promise<string> {
    const request = { origin: parseServerName(`${NAME}:${port}`), mediaId: parseMediaId(mediaId), requester: OWN.server_name, waitMs: 0, thumbnail: undefined };
    using patience = new Patience(new AbortController().signal);
    const arrival = await this.#remote.open(request, patience);
    return (await collectBytes(arrival.body, LIMITS.spool_bytes)).toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of [this.#fetch, this.server, this.trap, this.dns]) await part[Symbol.asyncDispose]();
  }
}

function redirectTo(url: string): RemoteScript {
  const { contentType, body } = toRedirect(url);
  return (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body);
}

describe('a server by its name', () => {
  it('is asked at the address that was judged, though DNS says another the next time', async () => {
    await using scene = await Scene.open();
    scene.server.media.set('media', MEDIA);
    scene.dns.set(NAME, (type, turn) => ({ records: type === 'A' ? [{ name: NAME, type, data: turn === 0 ? PUBLIC : PRIVATE }] : [] }));
    assert.equal(await scene.fetch('media'), 'media');
    await assert.rejects(scene.fetch('media', scene.trap.port), { reason: 'FETCH_FAILED' });
    assert.equal(scene.trap.connections, 0);
  });

  it('is not asked if one of its addresses is not public', async () => {
    await using scene = await Scene.open();
    scene.dns.set(NAME, [PUBLIC, PRIVATE]);
    await assert.rejects(scene.fetch('media'), { reason: 'FETCH_FAILED' });
    assert.equal(scene.server.connections + scene.trap.connections, 0);
  });

  it('may not lead to a private address by another name', async () => {
    await using scene = await Scene.open();
    scene.dns.set('inside.remote.example.com', [PRIVATE]);
    scene.server.media.set('part', redirectTo(`https://inside.remote.example.com:${scene.trap.port}/secret`));
    scene.server.media.set('hop', redirectTo('/hop'));
    scene.server.scripts.set('/hop', (_request, response) => response.writeHead(302, { location: `https://inside.remote.example.com:${scene.trap.port}/secret` }).end());
    for (const mediaId of ['part', 'hop']) await assert.rejects(scene.fetch(mediaId), { reason: 'FETCH_FAILED' });
    assert.equal(scene.trap.connections, 0);
  });

  it('is asked by the older endpoint for an hour when it does not know the new one, and then by both', async () => {
    await using scene = await Scene.open();
    const older = `/_matrix/media/v3/download/${encodeURIComponent(`${NAME}:${scene.server.port}`)}/media`;
    scene.server.media.set('media', refuse(404, 'M_UNRECOGNIZED'));
    scene.server.scripts.set(older, (_request, response) => response.writeHead(200, { 'content-length': 5 }).end('media'));
    for (const now of [0, 3_599_999, 3_600_000]) {
      scene.now = now;
      assert.equal(await scene.fetch('media'), 'media');
    }
    assert.deepEqual(scene.server.requests.map(({ uri }) => uri.startsWith('/_matrix/federation/')), [true, false, false, true, false]);
  });
});
