import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AUTHORITY, EXPIRED_TLS, OTHER_TLS, SITE_TLS } from './certificates.fixture.ts';
import { httpAnswer, redirect, type WebServer } from './web-server.fixture.ts';
import { SECOND_SITE, SITE, World } from './world.fixture.ts';

const NAME = 'site.example.com';

test('checks who answers by the name of the URL, and tells it the name', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  for (const host of [NAME, `${NAME}.`, `a.${NAME}`]) {
    world.dns.set(host.replace(/\.$/, ''), [SITE]);
    const { text } = await world.get(`https://${host}:${server.port}/`, {}, world.fetcher({ ca: AUTHORITY }));
    assert.equal(text, 'over TLS');
    assert.equal(server.requests.at(-1)?.serverName, host.replace(/\.$/, ''));
    assert.equal(server.requests.at(-1)?.headers.get('host'), `${host.replace(/\.$/, '')}:${server.port}`);
  }
  assert.equal((await world.get(`https://${SITE}:${server.port}/`, {}, world.fetcher({ ca: AUTHORITY }))).text, 'over TLS');
});

test('S60 refuses a certificate of another name, of nobody known, or of the past, and one with a chain without end', async () => {
  await using world = await World.start();
  const chain = { ...SITE_TLS, cert: `${String(SITE_TLS.cert)}${AUTHORITY.repeat(400)}` };
  const cases = [[OTHER_TLS, AUTHORITY], [EXPIRED_TLS, AUTHORITY], [SITE_TLS, undefined], [SITE_TLS, String(OTHER_TLS.cert)], [chain, AUTHORITY]] as const;
  for (const [tls, ca] of cases) {
    const server = await serveTls(world, tls);
    const policy = ca === undefined ? {} : { ca };
    await world.refuses(`https://${NAME}:${server.port}/`, 'TLS_FAILED', { deadlineMs: 10_000 }, world.fetcher(policy));
    assert.deepEqual(server.requests, []);
  }
});

test('S60 survives a server that speaks no TLS, one that says nothing, and one that leaves', async () => {
  await using world = await World.start();
  const fetcher = world.fetcher({ connectTimeoutMs: 300 });
  await world.refuses(`https://${NAME}:${world.site.port}/`, 'CONNECT_FAILED', { deadlineMs: 5000 }, fetcher);
  for (const first of ['SSH-2.0-OpenSSH_9.6\r\n', undefined]) {
    const server = createServer((socket) => void (first === undefined ? socket.destroy() : socket.write(first))).listen(0, SITE);
    await once(server, 'listening');
    await world.refuses(`https://${NAME}:${(server.address() as AddressInfo).port}/`, 'TLS_FAILED', { deadlineMs: 5000 }, fetcher);
    server.close();
  }
});

test('S32 follows from https to http only where the policy allows it', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  server.set('/', redirect(world.url(NAME)));
  const url = `https://${NAME}:${server.port}/`;
  assert.equal((await world.get(url, {}, world.fetcher({ ca: AUTHORITY }))).text, 'hello');
  await world.refuses(url, 'REDIRECT_REFUSED', {}, world.fetcher({ ca: AUTHORITY, allowsDowngrade: false }));
  world.site.set('/up', redirect(`https://${NAME}:${server.port}/fine`));
  server.set('/fine', httpAnswer('200 OK', {}, 'fine'));
  assert.equal((await world.get(world.url(NAME, '/up'), {}, world.fetcher({ ca: AUTHORITY, allowsDowngrade: false }))).text, 'fine');
});

test('takes up no TLS session of a name at another address', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  const impostor = await world.serve(SECOND_SITE, OTHER_TLS, server.port);
  const fetcher = world.fetcher({ ca: AUTHORITY });
  await world.get(`https://${NAME}:${server.port}/`, {}, fetcher);
  world.dns.set(NAME, [SECOND_SITE]);
  await world.refuses(`https://${NAME}:${server.port}/`, 'TLS_FAILED', {}, fetcher);
  assert.deepEqual(impostor.requests, []);
});

test('S59 gives one error for a port that is closed, one that resets and an address that is forbidden', async () => {
  await using world = await World.start();
  world.site.set('/reset', (_request, socket) => void socket.resetAndDestroy());
  const closed = await world.refuses(`http://${SECOND_SITE}:${world.site.port}/`, 'CONNECT_FAILED');
  assert.equal(closed.hops[0]?.address, SECOND_SITE);
  await world.refuses(world.url(NAME, '/reset'), 'RESPONSE_BROKEN');
  await world.refuses(world.url('127.0.0.1'), 'ADDRESS_FORBIDDEN');
});

test('tries a second address where the first is closed, and no third', async () => {
  await using world = await World.start();
  world.dns.set(NAME, ['127.77.0.9', SITE]);
  const { response, text } = await world.get(world.url(NAME));
  assert.deepEqual([text, response.hops[0]?.address], ['hello', SITE]);
  world.dns.set(NAME, ['127.77.0.9', '127.77.0.8', SITE]);
  const { hops } = await world.refuses(world.url(NAME), 'CONNECT_FAILED');
  assert.equal(hops[0]?.address, '127.77.0.8');
});

test('follows no other service that an answer names', async () => {
  await using world = await World.start();
  const answer = httpAnswer('200 OK', { 'alt-svc': `h2="127.0.0.1:${world.site.port}", http/1.1="127.0.0.1:${world.site.port}"` }, 'here');
  world.site.set('/', answer);
  const fetcher = world.fetcher();
  for (let turn = 0; turn < 3; turn += 1) assert.equal((await world.get(world.url(NAME), {}, fetcher)).text, 'here');
  assert.equal(world.trap.connections, 0);
});

test('keeps no more than its share of connections open', async () => {
  await using world = await World.start();
  const fetcher = world.fetcher();
  for (let index = 0; index < 100; index += 1) {
    world.dns.set(`s${index}.example.com`, [SITE]);
    assert.equal((await world.get(world.url(`s${index}.example.com`), {}, fetcher)).text, 'hello');
  }
  assert.equal(world.site.connections, 100);
  await world.get(world.url('s99.example.com'), {}, fetcher);
  assert.equal(world.site.connections, 100, 'a recent connection is used again');
});

test('S46 to S48 connects elsewhere than the URL says where its caller was told so, by the same rules', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  world.dns.set('delegated.example.com', [SITE]);
  world.dns.set('inner.example.com', ['10.0.0.1']);
  const fetcher = world.fetcher({ ca: AUTHORITY });
  const via = { host: 'delegated.example.com', port: server.port };
  assert.equal((await world.get(`https://${NAME}/`, { via }, fetcher)).text, 'over TLS');
  assert.deepEqual([server.requests[0]?.serverName, server.requests[0]?.headers.get('host')], [NAME, NAME]);
  await world.refuses(`https://${NAME}/`, 'ADDRESS_FORBIDDEN', { via: { ...via, host: 'inner.example.com' } }, fetcher);
  for (const host of ['0177.0.0.1', '127.1', '0x7f.1', '2130706433', '0', '[::1]', '::1', '::ffff:127.0.0.1']) {
    await world.refuses(`https://${NAME}/`, 'ADDRESS_FORBIDDEN', { via: { host, port: world.site.port } }, fetcher);
  }
  for (const bad of [{ host: 'localhost.' }, { host: 'fe80::1%lo' }, { host: 'a/b' }, { host: 'a@b.example.com' }, { port: 27017 }, { port: 0 }, { port: 65_536 }]) {
    await world.refuses(`https://${NAME}/`, 'URL_REFUSED', { via: { ...via, ...bad } }, fetcher);
  }
});

test('connects elsewhere for the first request alone', async () => {
  await using world = await World.start();
  const via = { host: NAME, port: world.site.port };
  world.site.set('/', redirect('http://other.example.com/next'));
  await world.refuses('http://first.example.com/', 'NAME_NOT_RESOLVED', { via });
  assert.deepEqual(world.site.requests.map(({ headers }) => headers.get('host')), ['first.example.com']);
});

test('uses a kept connection for no other name than the one that was checked', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  world.dns.set('delegated.example.com', [SITE]);
  const fetcher = world.fetcher({ ca: AUTHORITY });
  const via = { host: 'delegated.example.com', port: server.port };
  assert.equal((await world.get(`https://${NAME}/`, { via }, fetcher)).text, 'over TLS');
  await world.refuses('https://other.example.com/', 'TLS_FAILED', { via }, fetcher);
  assert.equal((await world.get(`https://${NAME}/`, { via }, fetcher)).text, 'over TLS');
  assert.equal(server.requests.length, 2);
});

test('sends everything through the proxy of its policy, which resolves the names; the rules for URLs and literal addresses stay', async () => {
  await using world = await World.start();
  await using proxy = await startProxy(world.site.port);
  const fetcher = world.fetcher({ proxy: proxy.url });
  assert.equal((await world.get(world.url('known-to-the-proxy.example.com'), {}, fetcher)).text, 'hello');
  assert.deepEqual(proxy.asked, [`known-to-the-proxy.example.com:${world.site.port}`]);
  assert.deepEqual(world.dns.questions, []);
  await world.refuses(world.url('127.0.0.1'), 'ADDRESS_FORBIDDEN', {}, fetcher);
  await world.refuses(world.url('localhost'), 'URL_REFUSED', {}, fetcher);
  world.site.set('/', redirect(world.url('169.254.169.254')));
  await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN', {}, fetcher);
  assert.equal(proxy.asked.length, 2);
});

test('checks who answers at the other end of the proxy, also where its caller sends it elsewhere', async () => {
  await using world = await World.start();
  const server = await serveTls(world, SITE_TLS);
  const [other] = await Promise.all([serveTls(world, OTHER_TLS)]);
  await using proxy = await startProxy(server.port);
  await using crooked = await startProxy(other.port);
  const [fetcher, misled] = [proxy, crooked].map(({ url }) => world.fetcher({ proxy: url, ca: AUTHORITY }));
  const via = { host: 'delegated.example.com', port: 8448 };
  assert.equal((await world.get(`https://${NAME}/`, { via }, fetcher)).text, 'over TLS');
  assert.deepEqual(proxy.asked, ['delegated.example.com:8448']);
  assert.deepEqual([server.requests[0]?.serverName, server.requests[0]?.headers.get('host')], [NAME, NAME]);
  await world.refuses(`https://${NAME}/`, 'RESPONSE_BROKEN', {}, misled);
  assert.deepEqual(other.requests, []);
});

test('goes nowhere without its proxy', async () => {
  await using world = await World.start();
  await world.refuses(world.url(NAME), 'RESPONSE_BROKEN', {}, world.fetcher({ proxy: 'http://127.77.0.5:1' }));
  assert.equal(world.site.connections, 0);
});

async function serveTls(world: World, tls: typeof SITE_TLS): Promise<WebServer> {
  const server = await world.serve(SITE, tls);
  server.set('/', httpAnswer('200 OK', {}, 'over TLS'));
  return server;
}

/** A proxy that takes every name for the site. */
async function startProxy(sitePort: number): Promise<AsyncDisposable & { url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.once('data', (head) => {
      const [method = '', target = ''] = head.toString().split(' ');
      asked.push(method === 'CONNECT' ? target : `${method} ${target}`);
      const site = connect(sitePort, SITE, () => client.write('HTTP/1.1 200 Connected\r\n\r\n'));
      client.pipe(site).on('error', () => client.destroy()).pipe(client).on('error', () => site.destroy());
      client.on('close', () => site.destroy());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, [Symbol.asyncDispose]: async () => void server.close() };
}
