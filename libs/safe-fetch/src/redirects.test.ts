import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SITE, SECOND_SITE, World } from './world.fixture.ts';
import { httpAnswer, redirect } from './web-server.fixture.ts';

const START = 'site.example.com';

for (const status of [301, 302, 303, 307, 308]) {
  test(`S26 does not follow a ${status} to loopback`, async () => {
    await using world = await World.start();
    world.site.set('/', redirect(world.url('127.0.0.1'), status));
    const { hops } = await world.refuses(world.url(START), 'ADDRESS_FORBIDDEN');
    assert.deepEqual(hops.map((hop) => hop.status), [status, undefined]);
    assert.equal(hops[1]?.url, world.url('127.0.0.1'));
  });
}

test('S27 does not follow a redirect to a name that means a private address', async () => {
  await using world = await World.start();
  world.dns.set('inner.example.com', ['10.0.0.1']);
  world.site.set('/', redirect(world.url('inner.example.com')));
  await world.refuses(world.url(START), 'ADDRESS_FORBIDDEN');
});

const REFUSED_URLS = [
  'file:///etc/passwd', 'gopher://site.example.com/', 'data:text/html,hello', 'ftp://site.example.com/', 'javascript:alert(1)', 'ws://site.example.com/',
  'http://user:password@site.example.com/', 'http://user@site.example.com/', 'http://', 'http://[::1', 'http://site.example.com:99999/', 'http://mongo/', 'http://site.example.com:22/',
];

for (const location of REFUSED_URLS) {
  test(`S28, S30 does not follow a redirect to ${location}`, async () => {
    await using world = await World.start();
    world.site.set('/', redirect(location));
    await world.refuses(world.url(START), 'URL_REFUSED');
    assert.equal(world.site.requests.length, 1);
  });
}

const LOOPBACK_LOCATIONS = [
  '//127.0.0.1:{port}/', '\\\\127.0.0.1:{port}\\', '/\\127.0.0.1:{port}/', '///127.0.0.1:{port}/', '  http://127.0.0.1:{port}', 'HTTP://127.0.0.1:{port}',
  'http://2130706433:{port}/', 'http://0x7f.1:{port}/', 'http://0177.0.0.1:{port}/', 'http://127.1:{port}', 'http://[::ffff:127.0.0.1]:{port}/', 'http://127.0.0.1.:{port}/',
];
const AMBIGUOUS_LOCATIONS = ['http:127.0.0.1:{port}', 'http:/127.0.0.1:{port}/', 'HTTP:\\\\127.0.0.1:{port}/', 'https:127.0.0.1'];

for (const location of [...LOOPBACK_LOCATIONS, ...AMBIGUOUS_LOCATIONS]) {
  test(`S29 does not follow a redirect to ${location}`, async () => {
    await using world = await World.start();
    world.site.set('/', redirect(location.replace('{port}', String(world.site.port))));
    await world.refuses(world.url(START), AMBIGUOUS_LOCATIONS.includes(location) ? 'REDIRECT_REFUSED' : 'ADDRESS_FORBIDDEN');
    assert.equal(world.site.requests.length, 1);
  });
}

test('S31 follows three redirects, not four, and none in a circle', async () => {
  await using world = await World.start();
  for (const step of [1, 2, 3]) world.site.set(`/${step + 1}`, redirect(`/${step}`));
  world.site.set('/1', redirect('/'));
  const { text, response } = await world.get(world.url(START, '/3#part'));
  assert.equal(text, 'hello');
  assert.deepEqual(response.hops.map(({ url }) => new URL(url).pathname), ['/3', '/2', '/1', '/']);
  assert.equal(response.url, world.url(START));
  await world.refuses(world.url(START, '/4'), 'REDIRECT_REFUSED');
  assert.equal((await world.get(world.url(START, '/4'), { maxRedirects: 4 })).text, 'hello');
  await world.refuses(world.url(START, '/1'), 'REDIRECT_REFUSED', { maxRedirects: 0 });
  world.site.set('/loop', redirect('/loop#again'));
  await world.refuses(world.url(START, '/loop'), 'REDIRECT_REFUSED', { maxRedirects: 9 });
  assert.equal(world.site.requests.filter(({ path }) => path === '/loop').length, 1);
});

test('S33 follows neither of two locations', async () => {
  await using world = await World.start();
  world.site.set('/', redirect(['/one', '/two']));
  await world.refuses(world.url(START), 'REDIRECT_REFUSED');
});

test('S34 follows no location with control characters, or of 10 KiB', async () => {
  await using world = await World.start();
  world.site.set('/tab', redirect('/a\tb'));
  world.site.set('/long', redirect(`/${'x'.repeat(10_240)}`));
  world.site.set('/fold', redirect('/a\r\n b'));
  await world.refuses(world.url(START, '/tab'), 'URL_REFUSED');
  await world.refuses(world.url(START, '/long'), 'URL_REFUSED');
  await world.refuses(world.url(START, '/fold'), 'RESPONSE_BROKEN');
  assert.equal(world.site.requests.length, 3);
});

test('S34 splits no header: what stands behind CR and LF is another header', async () => {
  await using world = await World.start();
  world.site.set('/split', redirect('/next\r\nset-cookie: a=b'));
  world.site.set('/next', httpAnswer('200 OK', {}, 'next'));
  assert.equal((await world.get(world.url(START, '/split'))).text, 'next');
  assert.equal(world.site.requests[1]?.headers.get('cookie'), undefined);
});

const NOT_FOLLOWED: readonly (readonly [string, string])[] = [
  ['200 OK', 'refresh'], ['300 Multiple Choices', 'location'], ['304 Not Modified', 'location'], ['305 Use Proxy', 'location'], ['306 Unused', 'location'], ['201 Created', 'location'],
];

for (const [status, header] of NOT_FOLLOWED) {
  test(`S35, S36 does not follow ${header} of a ${status}`, async () => {
    await using world = await World.start();
    const target = world.url('127.0.0.1');
    world.site.set('/', httpAnswer(status, { [header]: header === 'refresh' ? `0;url=${target}` : target }));
    const { response } = await world.get(world.url(START));
    assert.equal(response.status, Number(status.slice(0, 3)));
    assert.equal(world.trap.connections, 0);
  });
}

test('returns a redirect that says nowhere to go', async () => {
  await using world = await World.start();
  world.site.set('/', httpAnswer('302 Found'));
  assert.equal((await world.get(world.url(START))).response.status, 302);
});

test('reads a location in UTF-8', async () => {
  await using world = await World.start();
  world.site.set('/', redirect(Buffer.from('/é').toString('latin1')));
  world.site.set('/%C3%A9', httpAnswer('200 OK', {}, 'accent'));
  assert.equal((await world.get(world.url(START))).text, 'accent');
});

test('S49, S51 tells another origin nothing of who asks, nor keeps cookies', async () => {
  await using world = await World.start();
  const other = await world.serve(SECOND_SITE);
  other.set('/', httpAnswer('200 OK', { 'set-cookie': 'a=b' }, 'other'));
  world.dns.set('other.example.com', [SECOND_SITE]);
  world.site.set('/', httpAnswer('302 Found', { location: '/here', 'set-cookie': 'session=1' }));
  world.site.set('/here', redirect(`http://other.example.com:${other.port}/`));
  const headers = { Authorization: 'X-Matrix secret', 'Accept-Language': 'de', 'X-Token': 'secret', Referer: 'x' };
  await world.get(world.url(START), { headers });
  const [first, second] = world.site.requests;
  assert.equal(first?.headers.get('authorization'), 'X-Matrix secret');
  assert.equal(second?.headers.get('authorization'), 'X-Matrix secret');
  assert.equal(second?.headers.get('cookie'), undefined);
  const told = [...(other.requests[0]?.headers.keys() ?? [])].toSorted();
  assert.deepEqual(told, ['accept', 'accept-encoding', 'accept-language', 'connection', 'host', 'user-agent']);
});

test('S49 takes another name of the same address for another origin, and tells nothing on the way back either', async () => {
  await using world = await World.start();
  world.dns.set('alias.example.com', [SITE]);
  world.site.set('/', redirect(world.url('alias.example.com', '/there')));
  world.site.set('/there', redirect(world.url(START, '/back')));
  world.site.set('/back', httpAnswer('200 OK', {}, 'back'));
  await world.get(world.url(START), { headers: { authorization: 'secret' } });
  assert.deepEqual(world.site.requests.map(({ headers }) => headers.get('authorization')), ['secret', undefined, undefined]);
});

test('lets callers set no header that changes what a request means', async () => {
  await using world = await World.start();
  for (const name of ['Host', 'cookie', 'Transfer-Encoding', 'content-length', 'connection']) {
    await assert.rejects(world.get(world.url(START), { headers: { [name]: 'x' } }), TypeError);
  }
  assert.equal(world.site.connections, 0);
});

test('sends no header that would be two', async () => {
  await using world = await World.start();
  for (const value of ['de\r\nx-more: 1', 'de\nx: 1', 'de\0']) await world.refuses(world.url(START), 'RESPONSE_BROKEN', { headers: { 'accept-language': value } });
  assert.deepEqual(world.site.requests, []);
});

test('says who it is, unless its caller says so', async () => {
  await using world = await World.start();
  await world.get(world.url(START));
  await world.get(world.url(START), { headers: { 'User-Agent': 'other' } });
  assert.deepEqual(world.site.requests.map(({ headers }) => headers.get('user-agent')), ['test', 'other']);
});

test('judges every hop by the rules for hosts and by the policy’s last word', async () => {
  await using world = await World.start();
  for (const name of ['denied.example.com', 'below.bad.example.com', 'other.example.org', 'fine.example.com']) world.dns.set(name, [SITE]);
  const hosts = { denied: ['denied.example.com', '*.bad.example.com'], only: ['*.example.com'] };
  const fetcher = world.fetcher({ hosts, judge: (url) => (url.pathname === '/no' ? 'a last word' : undefined) });
  for (const target of ['denied.example.com', 'below.bad.example.com', 'other.example.org', 'denied.example.com.', 'DENIED.example.com', SITE]) {
    world.site.set('/go', redirect(world.url(target)));
    await world.refuses(world.url('fine.example.com', '/go'), 'URL_REFUSED', {}, fetcher);
  }
  world.site.set('/go', redirect('/no'));
  await world.refuses(world.url('fine.example.com', '/go'), 'URL_REFUSED', {}, fetcher);
  assert.equal((await world.get(world.url('fine.example.com'), {}, fetcher)).text, 'hello');
});

test('tells of every hop when it is over', async () => {
  await using world = await World.start();
  world.site.set('/go', redirect(world.url('127.0.0.1', '/secret')));
  const seen: (string | number | undefined)[] = [];
  await world.refuses(world.url(START, '/go'), 'ADDRESS_FORBIDDEN', { onHop: ({ url, status, problem }) => seen.push(new URL(url).pathname, status, problem) });
  assert.deepEqual(seen, ['/go', 302, undefined, '/secret', undefined, '127.0.0.1: an address of this machine']);
});
