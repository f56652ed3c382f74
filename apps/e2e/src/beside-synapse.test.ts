import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { after, describe, it } from 'node:test';
import { readBlocks, toSteps } from '@medley/tool-docs/markdown';
import { readPage } from '@medley/tool-docs/pages';
import { randomBody } from './harness/bodies.ts';
import { call } from './harness/http-call.ts';
import { readContentUri } from './harness/media-user.ts';
import { findProgram, PROXIES, readDocumented, startProxy, type ProxyName } from './harness/proxy.ts';
import { runSteps } from './harness/steps.ts';
import { startSystem } from './harness/system.ts';
import { Upstream } from './harness/upstream.ts';

const MIB = 2 ** 20;
const BODY_BYTES = 30 * MIB;
const { text: migration } = await readPage('docs/how-to/migration-checklist.md');
const { text: page } = await readPage('docs/how-to/beside-synapse.md');

const MEDLEYS = [
  '/_matrix/media/v3/upload?filename=a%20b', '/_matrix/media/v1/create', '/_matrix/media/r0/download/example.org/abc/a%2Fb.png',
  '/_matrix/client/v1/media/download/example.org/abc', '/_matrix/client/v1/media/preview_url?url=https%3A%2F%2Fexample.org', '/_matrix/federation/v1/media/thumbnail/abc?width=1',
  '/_synapse/admin/v1/media/quarantine/example.org/abc', '/_synapse/admin/v1/media/quarantine_changes', '/_synapse/admin/v1/purge_media_cache?before_ts=1',
  '/_synapse/admin/v1/quarantine_media/!room:example.org', '/_synapse/admin/v1/room/%21room%3Aexample.org/media', '/_synapse/admin/v1/room/!room:example.org/media/quarantine',
  '/_synapse/admin/v1/user/%40a%3Aexample.org/media/quarantine', '/_synapse/admin/v1/users/@a:example.org/media?limit=1', '/_synapse/admin/v1/statistics/users/media',
];
const HOMESERVERS = [
  '/_matrix/key/v2/server', '/_matrix/federation/v1/send/1', '/_matrix/client/v3/sync', '/_matrix/client/versions', '/_matrix/client/v1/mediation', '/_matrix/mediation/x',
  '/_synapse/admin/v1/users/@a:example.org/admin', '/_synapse/admin/v1/rooms/!room:example.org/messages', '/_synapse/admin/v1/statistics/users', '/', '/.well-known/matrix/server',
];

function ask(port: number, path: string, options: { readonly method?: string; readonly headers?: OutgoingHttpHeaders } = {}): ClientRequest {
  return request({ host: '127.0.0.1', port, path, agent: false, ...options });
}

async function read(asked: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await response.resume().toArray();
  return response;
}

/** A proxy before two that tell what came to them. */
async function openScene(name: ProxyName, program: string): Promise<AsyncDisposable & { readonly medley: Upstream; readonly homeserver: Upstream; readonly port: number }> {
  await using stack = new AsyncDisposableStack();
  const medley = stack.use(await Upstream.start('medley'));
  const homeserver = stack.use(await Upstream.start('homeserver'));
  const documented = readDocumented(readBlocks(page), name);
  const { port } = stack.use(await startProxy(name, { program, documented, medleyPort: medley.port, homeserverPort: homeserver.port }));
  const owned = stack.move();
  return { medley, homeserver, port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

for (const name of PROXIES) {
  const program = findProgram(name);
  describe(`${name} as the page configures it`, { skip: program === undefined && `there is no ${name} here` }, async () => {
    if (program === undefined) return;
    const scene = await openScene(name, program);
    after(() => scene[Symbol.asyncDispose]());
    const { medley, homeserver, port } = scene;

    it('sends the media paths to Medley and all others to the homeserver, as they came', async () => {
      for (const [paths, who, upstream] of [[MEDLEYS, 'medley', medley], [HOMESERVERS, 'homeserver', homeserver]] as const) {
        for (const path of paths) {
          const { headers } = await read(ask(port, path).end());
          assert.deepEqual([headers['x-answered-by'], upstream.arrivals.at(-1)?.url], [who, path]);
        }
      }
    });

    it('leaves what another server has signed unchanged, and says whom it was asked by', async () => {
      const path = '/_matrix/federation/v1/media/download/a%40b%3Ac?timeout_ms=1%30';
      const authorization = 'X-Matrix origin="a.example",destination="example.org",key="ed25519:1",sig="abc+/"';
      await read(ask(port, path, { headers: { host: 'example.org:8448', authorization, 'x-forwarded-for': '192.0.2.66' } }).end());
      const { url, headers } = medley.arrivals.at(-1) ?? assert.fail();
      assert.deepEqual([url, headers.authorization, headers.host?.replace(/:8448$/, '')], [path, authorization, 'example.org']);
      assert.equal(String(headers['x-forwarded-for']).split(', ').at(-1), '127.0.0.1');
    });

    it('lets an upload of 30 MB through as it comes', async () => {
      const upload = ask(port, '/_matrix/media/v3/upload', { method: 'POST', headers: { 'content-length': BODY_BYTES } });
      upload.write(Buffer.alloc(MIB));
      // Nobody has sent the rest yet.
      await medley.untilArrived(MIB / 2);
      for (let sent = MIB; sent < BODY_BYTES; sent += MIB) if (!upload.write(Buffer.alloc(MIB))) await once(upload, 'drain');
      assert.equal((await read(upload.end())).statusCode, 200);
      assert.equal(medley.arrivals.at(-1)?.sizeBytes, BODY_BYTES);
    });
  });
}

const nginx = findProgram('nginx');
describe('Medley behind nginx', { skip: nginx === undefined && 'there is no nginx here' }, async () => {
  if (nginx === undefined) return;
  const stack = new AsyncDisposableStack();
  after(() => stack.disposeAsync());
  const { site } = stack.use(await startSystem('one-process', { config: { listen: { trusted_hops: 1 }, federation: { enabled: false } } }));
  const homeserver = stack.use(await Upstream.start('homeserver'));
  const documented = readDocumented(readBlocks(page), 'nginx');
  const { port } = stack.use(await startProxy('nginx', { program: nginx, documented, medleyPort: site.ports.http, homeserverPort: homeserver.port }));
  const { token } = site.homeserver.addUser();

  it('answers the questions of the page as it says', async () => {
    const text = page.replaceAll('https://matrix.example.org', `http://127.0.0.1:${port}`).replace('TOKEN=…', `TOKEN=${token}`);
    await runSteps(toSteps(readBlocks(text)), { cwd: import.meta.dirname });
  });

  it('takes 30 MB and gives them back', async () => {
    const place = { port, agent: site.agent };
    const bytes = randomBody(BODY_BYTES);
    const { origin, mediaId } = readContentUri(await call(place, '/_matrix/media/v3/upload', { method: 'POST', body: bytes, token }));
    const { body } = await call(place, `/_matrix/client/v1/media/download/${origin}/${mediaId}`, { token });
    assert.ok(body.equals(bytes));
  });

  it('asks the old repository for media of our own server that Medley does not have, and for no other', async () => {
    const ours = site.serverName.replaceAll('.', String.raw`\.`);
    const fallback = readDocumented(readBlocks(migration), 'nginx').replace(String.raw`example\.org`, ours);
    await using old = await Upstream.start('old');
    await using front = await startProxy('nginx', { program: nginx, documented: `${fallback}\n${documented}`, medleyPort: site.ports.http, homeserverPort: old.port });
    const place = { port: front.port, agent: site.agent };
    const { origin, mediaId } = readContentUri(await call(place, '/_matrix/media/v3/upload', { method: 'POST', body: 'new', token }));
    assert.equal((await call(place, `/_matrix/client/v1/media/download/${origin}/${mediaId}`, { token })).body.toString(), 'new');
    assert.equal(old.arrivals.length, 0);

    const path = `/_matrix/client/v1/media/thumbnail/${origin}/old?width=32&height=32&not-ours=%40`;
    assert.equal((await read(ask(front.port, path, { headers: { authorization: `Bearer ${token}` } }).end())).headers['x-answered-by'], 'old');
    assert.equal(old.arrivals.at(-1)?.url, path);
    const { headers } = await read(ask(front.port, '/_matrix/client/v1/media/download/other.example/abc', { headers: { authorization: `Bearer ${token}` } }).end());
    assert.equal(headers['x-answered-by'], undefined);
  });
});
