import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTHORITY, EXPIRED_TLS, OTHER_TLS, SITE_TLS } from './certificates.fixture.ts';
import type { DnsRecord } from './dns-server.fixture.ts';
import { fetchFailureOf } from './fetch-failure.ts';
import { inOrder } from './resolve-services.ts';
import { httpAnswer, redirect } from './web-server.fixture.ts';
import { SITE, World } from './world.fixture.ts';

const SERVICE = '_matrix-fed._tcp.example.com';
const NAME = 'site.example.com';
const AT_ONCE = new AbortController().signal;

function services(world: World, ...records: readonly string[]): void {
  world.dns.set(SERVICE, (type) => ({ records: type === 'SRV' ? records.map((data): DnsRecord => ({ name: SERVICE, type, data })) : [] }));
}

test('gives services by priority, from the DNS servers of the policy', async () => {
  await using world = await World.start();
  services(world, '20 0 8448 late.example.com', '10 0 443 early.example.com');
  const found = await world.fetcher().resolveServices(SERVICE, AT_ONCE);
  assert.deepEqual(found, [{ host: 'early.example.com', port: 443 }, { host: 'late.example.com', port: 8448 }]);
});

test('tells a service that is not offered from one that is not known', async () => {
  await using world = await World.start();
  services(world, '0 0 0 .');
  assert.deepEqual(await world.fetcher().resolveServices(SERVICE, AT_ONCE), [{ host: '', port: 0 }]);
  services(world);
  assert.deepEqual(await world.fetcher().resolveServices(SERVICE, AT_ONCE), []);
  assert.deepEqual(await world.fetcher().resolveServices('_matrix._tcp.nobody.example.com', AT_ONCE), []);
});

test('fails where services cannot be known: the server stumbles or says nothing', async () => {
  await using world = await World.start();
  for (const reply of [{ rcode: 2 }, { rcode: 5 }, 'silence'] as const) {
    world.dns.set(SERVICE, () => reply);
    const asked = world.fetcher({ dnsTimeoutMs: 100 }).resolveServices(SERVICE, AT_ONCE);
    await assert.rejects(asked, (error) => fetchFailureOf(error)?.code === 'NAME_NOT_RESOLVED');
  }
});

test('S48 takes four of two hundred services', async () => {
  await using world = await World.start();
  services(world, ...Array.from({ length: 200 }, (_, index) => `${index} 0 8448 s${index}.example.com`));
  const found = await world.fetcher().resolveServices(SERVICE, AT_ONCE);
  assert.deepEqual(found.map(({ host }) => host), ['s0.example.com', 's1.example.com', 's2.example.com', 's3.example.com']);
});

test('divides services of one priority by their weights', () => {
  const records = [{ name: 'heavy', weight: 3 }, { name: 'light', weight: 1 }, { name: 'none', weight: 0 }].map((one) => ({ ...one, priority: 1, port: 1 }));
  const firstAt = (random: number): string | undefined => inOrder(records, () => random)[0]?.name;
  assert.deepEqual([0, 0.21, 0.39, 0.41, 0.99].map(firstAt), ['none', 'light', 'light', 'heavy', 'heavy']);
  assert.deepEqual(inOrder(records, () => 0.99).map(({ name }) => name), ['heavy', 'light', 'none']);
});

test('writes the host as its caller does where the URL would leave out its port, and never another host', async () => {
  await using world = await World.start();
  const via = { host: NAME, port: world.site.port };
  await world.get(`http://${NAME}:80/`, { via, hostHeader: `${NAME}:80` });
  assert.equal(world.site.requests.at(-1)?.headers.get('host'), `${NAME}:80`);
  for (const hostHeader of ['other.example.com', `${NAME}:81`, `${NAME}/x`, `${NAME}\r\nx: y`, `u@${NAME}`, '']) {
    await assert.rejects(world.get(`http://${NAME}/`, { via, hostHeader }), TypeError, hostHeader);
  }
});

test('posts JSON, and follows no redirect with it', async () => {
  await using world = await World.start();
  world.site.set('/ask', (request, socket) => socket.end(httpAnswer('200 OK', {}, `${request.method} ${request.headers.get('content-type')} ${request.headers.get('content-length')}`)));
  assert.equal((await world.get(world.url(NAME, '/ask'), { json: '{"a":1}' })).text, 'POST application/json 7');
  world.site.set('/ask', redirect('/', 307));
  await world.refuses(world.url(NAME, '/ask'), 'REDIRECT_REFUSED', { json: '{}' });
});

test('takes a certificate for an address that was asked for, without asking TLS for a name', async () => {
  await using world = await World.start();
  const server = await world.serve(SITE, SITE_TLS);
  server.set('/', httpAnswer('200 OK', {}, 'by address'));
  const fetcher = world.fetcher({ ca: AUTHORITY });
  assert.equal((await world.get(`https://${SITE}:${server.port}/`, {}, fetcher)).text, 'by address');
  assert.equal(server.requests[0]?.serverName, undefined);
  const other = await world.serve(SITE, OTHER_TLS);
  await world.refuses(`https://${SITE}:${other.port}/`, 'TLS_FAILED', {}, fetcher);
});

test('takes no certificate for the address that it was sent to in place of one for the address that was asked for', async () => {
  await using world = await World.start();
  const server = await world.serve(SITE, SITE_TLS);
  await world.refuses('https://127.77.0.2/', 'TLS_FAILED', { via: { host: SITE, port: server.port } }, world.fetcher({ ca: AUTHORITY }));
  assert.deepEqual(server.requests, []);
});

test('tells what stands at the other end', async () => {
  await using world = await World.start();
  const server = await world.serve(SITE, SITE_TLS);
  const found = await world.fetcher({ ca: AUTHORITY }).inspect({ host: NAME, port: server.port }, NAME, 5000, AT_ONCE);
  assert.deepEqual([found.addresses, found.address, found.protocol, found.failure], [[SITE], SITE, 'TLSv1.3', undefined]);
  assert.equal(found.certificate?.names, 'DNS:site.example.com, DNS:*.site.example.com, IP Address:127.77.0.1');
  assert.equal(found.certificate.issuer, 'Medley test authority of the web');
  assert.ok(found.certificate.validUntil > Date.now());
  assert.deepEqual(server.requests, []);
});

test('tells how far it came, and why no further', async () => {
  await using world = await World.start();
  const [expired, other] = [await world.serve(SITE, EXPIRED_TLS), await world.serve(SITE, OTHER_TLS)];
  const fetcher = world.fetcher({ ca: AUTHORITY });
  const failureAt = async (host: string, port: number): Promise<readonly unknown[]> => {
    const { address, failure } = await fetcher.inspect({ host, port }, NAME, 5000, AT_ONCE);
    if (port === other.port && address !== undefined) assert.match(failure?.message ?? '', /^the certificate is for DNS:other\.example\.com/);
    return [address, failure?.code];
  };
  assert.deepEqual(await failureAt(NAME, expired.port), [SITE, 'TLS_FAILED']);
  assert.deepEqual(await failureAt(NAME, other.port), [SITE, 'TLS_FAILED']);
  assert.deepEqual(await failureAt('127.77.0.9', other.port), [undefined, 'CONNECT_FAILED']);
  assert.deepEqual(await failureAt('127.0.0.1', world.trap.port), [undefined, 'ADDRESS_FORBIDDEN']);
  assert.deepEqual(await failureAt('nobody.example.com', other.port), [undefined, 'NAME_NOT_RESOLVED']);
  assert.deepEqual(await failureAt(NAME, 6379), [undefined, 'URL_REFUSED']);
  assert.equal(world.trap.connections, 0);
});

test('gives up looking at who says nothing', async () => {
  await using world = await World.start();
  const { failure, address } = await world.fetcher().inspect({ host: NAME, port: world.site.port }, NAME, 200, AT_ONCE);
  assert.deepEqual([address, failure?.code, failure?.message], [SITE, 'TLS_FAILED', 'it took too long']);
});
