import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { addressRecords, type DnsScript } from './dns-server.fixture.ts';
import { PUBLIC_NETWORK, SECOND_SITE, SITE, World } from './world.fixture.ts';

const NAME = 'evil.example.com';

const FORBIDDEN_ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'S1 loopback': ['127.0.0.1'],
  'S2 cloud metadata': ['169.254.169.254'],
  'S3 a public address, then a private one': [SITE, '10.0.0.1'],
  'S4 a private address, then a public one': ['10.0.0.1', SITE],
  'S5 a public IPv4 and a loopback IPv6': [SITE, '::1'],
  'S6 loopback as IPv4-mapped IPv6': ['::ffff:127.0.0.1'],
  'S7 metadata behind NAT64': ['64:ff9b::a9fe:a9fe'],
  'S8 loopback by 6to4': ['2002:7f00:1::'],
  'S9 the unspecified IPv6': ['::'],
  'S10 the unspecified IPv4': ['0.0.0.0'],
  'S11 metadata of Alibaba Cloud': ['100.100.100.200'],
  'S12 metadata of Azure, within public space': ['168.63.129.16'],
  'a public IPv6 and a private IPv4': ['2606:4700:4700::1111', '192.168.1.1'],
  'loopback in an ISATAP identifier of a public network': ['2606:4700::5efe:127.0.0.1'],
  'a unique local IPv6': ['fd00::1'],
  'a link-local IPv6': ['fe80::1'],
  'a multicast address': ['224.0.0.1'],
  'broadcast': ['255.255.255.255'],
};

for (const [what, addresses] of Object.entries(FORBIDDEN_ANSWERS)) {
  test(`refuses a name that means ${what}`, async () => {
    await using world = await World.start();
    world.dns.set(NAME, addresses);
    await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN');
    assert.equal(world.site.connections, 0, 'the good address of a bad answer was connected to');
  });
}

test('S13 asks once for each connection, and connects to what it was told then, whatever the name means a moment later', async () => {
  await using world = await World.start();
  world.dns.set(NAME, rebinding());
  const { response } = await world.get(world.url(NAME));
  assert.equal(response.hops[0]?.address, SITE);
  assert.deepEqual(world.dns.questions.toSorted(), [`A ${NAME}`, `AAAA ${NAME}`]);
  assert.equal(world.trap.connections, 0);
});

test('S14 resolves again for a redirect to the same host, and refuses what it means by then', async () => {
  await using world = await World.start();
  world.dns.set(NAME, rebinding());
  world.site.set('/', (_request, socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n'));
  const { hops } = await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN');
  assert.deepEqual(hops.map(({ address, status }) => [address, status]), [[SITE, 302], [undefined, undefined]]);
});

test('S15 uses a kept connection only where the name still means its address', async () => {
  await using world = await World.start();
  const other = await world.serve(SECOND_SITE, undefined, world.site.port);
  other.set('/', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother');
  world.dns.set(NAME, (type, turn) => ({ records: addressRecords(NAME, type, [[SITE, SITE, SECOND_SITE, '127.0.0.1'][turn] ?? '']) }));
  const fetcher = world.fetcher();
  assert.equal((await world.get(world.url(NAME), {}, fetcher)).text, 'hello');
  assert.equal((await world.get(world.url(NAME), {}, fetcher)).text, 'hello');
  assert.equal(world.site.connections, 1);
  assert.equal((await world.get(world.url(NAME), {}, fetcher)).text, 'other');
  await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN', {}, fetcher);
});

test('S16 judges the address at the end of an alias', async () => {
  await using world = await World.start();
  world.dns.set(NAME, aliases(['internal.corp.example.com'], '10.0.0.1'));
  await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN');
});

test('S17 judges the address at the end of a chain of twenty aliases, and gives up on a circle of them', async () => {
  await using world = await World.start();
  const chain = Array.from({ length: 20 }, (_, index) => `alias-${index}.example.com`);
  world.dns.set(NAME, aliases(chain, '127.0.0.1'));
  await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN');
  world.dns.set('circle.example.com', () => ({ records: [
    { name: 'circle.example.com', type: 'CNAME', data: 'round.example.com' },
    { name: 'round.example.com', type: 'CNAME', data: 'circle.example.com' },
  ] }));
  await world.refuses(world.url('circle.example.com'), 'NAME_NOT_RESOLVED');
});

const NO_ANSWERS: Readonly<Record<string, DnsScript>> = {
  'does not exist': () => ({ rcode: 3 }),
  'its server fails to resolve': () => ({ rcode: 2 }),
  'its server refuses to resolve': () => ({ rcode: 5 }),
  'has no address': () => ({}),
  'nobody answers for': () => 'silence',
  'is answered for in pieces without end': () => ({ isTruncated: true }),
};

for (const [what, script] of Object.entries(NO_ANSWERS)) {
  test(`S18 gives up within its time on a name that ${what}`, async () => {
    await using world = await World.start();
    world.dns.set(NAME, script);
    const start = performance.now();
    await world.refuses(world.url(NAME), 'NAME_NOT_RESOLVED', {}, world.fetcher({ dnsTimeoutMs: 600 }));
    assert.ok(performance.now() - start < 3000);
  });
}

test('takes the one family that is answered for, where nobody answers for the other', async () => {
  await using world = await World.start();
  world.dns.set(NAME, (type) => (type === 'A' ? { records: addressRecords(NAME, type, [SITE]) } : 'silence'));
  assert.equal((await world.get(world.url(NAME), {}, world.fetcher({ dnsTimeoutMs: 600 }))).text, 'hello');
});

test('S19 refuses a name with more addresses than anybody needs', async () => {
  await using world = await World.start();
  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `127.77.${index >> 8}.${index & 255}`);
  world.dns.set(NAME, many(1000));
  await world.refuses(world.url(NAME), 'NAME_NOT_RESOLVED');
  world.dns.set(NAME, many(17));
  await world.refuses(world.url(NAME), 'NAME_NOT_RESOLVED');
  world.dns.set(NAME, [SITE, ...many(18).slice(3)]);
  assert.equal((await world.get(world.url(NAME))).text, 'hello');
});

for (const data of ['a\0b.example.com', 'a\\b.example.com', `${'x'.repeat(63)}.`.repeat(5)]) {
  test(`S20 survives an alias called ${JSON.stringify(data.slice(0, 20))}, and judges where it leads`, async () => {
    await using world = await World.start();
    world.dns.set(NAME, (type) => ({ records: [{ name: NAME, type: 'CNAME', data }, ...addressRecords(data, type, ['10.0.0.1'])] }));
    await world.get(world.url(NAME)).then(() => assert.fail('fetched'), () => {});
    assert.equal(world.trap.connections + world.site.connections, 0);
  });
}

for (const name of ['mongo', 'localhost', 'metadata.google.internal', 'kubernetes.default.svc.cluster.local', 'printer.local', 'localhost.']) {
  test(`S21 does not even ask for ${name}`, async () => {
    await using world = await World.start();
    await world.refuses(world.url(name), 'URL_REFUSED');
    assert.deepEqual(world.dns.questions, []);
  });
}

test('S21 asks for a name as it is, without a search domain', async () => {
  await using world = await World.start();
  await world.refuses(world.url('no.such.name.example.com'), 'NAME_NOT_RESOLVED');
  assert.deepEqual([...new Set(world.dns.questions)].toSorted(), ['A no.such.name.example.com', 'AAAA no.such.name.example.com']);
});

test('S22 does not read the file of hosts, which knows localhost', async () => {
  await using world = await World.start();
  const fetcher = world.fetcher({ hosts: { special: ['localhost'] } });
  await world.refuses(world.url('localhost'), 'NAME_NOT_RESOLVED', {}, fetcher);
  world.dns.set('localhost', [SITE]);
  assert.equal((await world.get(world.url('localhost'), {}, fetcher)).response.hops[0]?.address, SITE);
});

test('S55 takes no notice of the proxies of the environment', async (t) => {
  await using world = await World.start();
  const before = process.env;
  t.after(() => (process.env = before));
  const proxy = world.url('127.0.0.1');
  process.env = { ...before, HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NODE_USE_ENV_PROXY: '1' };
  assert.equal((await world.get(world.url('site.example.com'))).text, 'hello');
  assert.equal(world.trap.connections, 0);
});

test('S56 opens an allowed network, and nothing beside it', async () => {
  await using world = await World.start();
  const fetcher = world.fetcher({ networks: { allowed: ['127.77.0.1/32', '10.0.0.0/8'] } });
  assert.equal((await world.get(world.url('site.example.com'), {}, fetcher)).text, 'hello');
  for (const address of ['127.77.0.2', '127.0.0.1', '169.254.169.254', '192.168.0.1']) {
    world.dns.set(NAME, [address]);
    await world.refuses(world.url(NAME), 'ADDRESS_FORBIDDEN', {}, fetcher);
  }
});

test('S57 refuses what the configuration denies, within what it allows too', async () => {
  await using world = await World.start();
  const fetcher = world.fetcher({ networks: { allowed: [PUBLIC_NETWORK], denied: ['93.184.0.0/16', '127.77.0.0/24'] } });
  await world.refuses(world.url('site.example.com'), 'ADDRESS_FORBIDDEN', {}, fetcher);
  await world.refuses(world.url('93.184.216.34'), 'ADDRESS_FORBIDDEN', {}, fetcher);
});

test('S58 gives up on 65 names at once in time, while the rest of the process goes on', async () => {
  await using world = await World.start();
  world.dns.set(NAME, () => 'silence');
  const fetcher = world.fetcher({ dnsTimeoutMs: 1000 });
  const start = performance.now();
  const stuck = Array.from({ length: 65 }, () => world.refuses(world.url(NAME), 'NAME_NOT_RESOLVED', {}, fetcher));
  await eventually(() => assert.ok(world.dns.questions.length >= 130));
  assert.equal((await world.get(world.url('site.example.com'), {}, fetcher)).text, 'hello');
  await Promise.all(stuck);
  assert.ok(performance.now() - start < 3000);
});

test('stops asking when its caller gives up', async () => {
  await using world = await World.start();
  world.dns.set(NAME, () => 'silence');
  const caller = new AbortController();
  const fetching = world.fetcher().get(world.url(NAME), { maxBytes: 1, deadlineMs: 60_000 }, caller.signal);
  await eventually(() => assert.ok(world.dns.questions.length > 0));
  caller.abort(new Error('enough'));
  await assert.rejects(fetching, { message: 'enough' });
});

/** The site at first, loopback from then on. */
function rebinding(): DnsScript {
  return (type, turn) => ({ records: addressRecords(NAME, type, [turn === 0 ? SITE : '127.0.0.1']) });
}

function aliases(names: readonly string[], end: string): DnsScript {
  const owners = [NAME, ...names];
  return (type) => ({ records: [
    ...names.map((data, index) => ({ name: owners[index] ?? NAME, type: 'CNAME' as const, data })),
    ...addressRecords(owners.at(-1) ?? NAME, type, [end]),
  ] });
}
