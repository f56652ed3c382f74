import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { fetchFailureOf } from '@medley/safe-fetch/fetch-failure';
import { SITE } from '@medley/safe-fetch/world.fixture';
import { collectBytes } from '@medley/streams/byte-stream';
import { BELOW, Federation, NAME } from '../testing/federation.fixture.ts';
import { askServer } from './ask-server.ts';

const TARGET = 'target.example.net';
const AT_ONCE = new AbortController().signal;

/** One row of the specification's table, as a server that is found by it. */
interface Row {
  readonly step: string;
  readonly what: string;
  readonly name?: string;
  readonly delegates?: string;
  readonly services?: readonly string[];
  /** Where it is connected to. */
  readonly via: string;
  readonly hostHeader: string;
  /** Asked TLS for; absent for addresses. */
  readonly tlsName?: string;
}

const ROWS: readonly Row[] = [
  { step: '1', what: 'an address', name: SITE, via: `${SITE}:8448`, hostHeader: SITE },
  { step: '1', what: 'an address with a port', name: `${SITE}:9443`, via: `${SITE}:9443`, hostHeader: `${SITE}:9443` },
  { step: '2', what: 'a name with a port', name: `${NAME}:9443`, via: `${NAME}:9443`, hostHeader: `${NAME}:9443`, tlsName: NAME },
  { step: '2', what: 'a name with the port that URLs leave out', name: `${NAME}:443`, via: `${NAME}:443`, hostHeader: `${NAME}:443`, tlsName: NAME },
  { step: '3.1', what: 'delegation to an address', delegates: SITE, via: `${SITE}:8448`, hostHeader: SITE },
  { step: '3.1', what: 'delegation to an address with a port', delegates: `${SITE}:9443`, via: `${SITE}:9443`, hostHeader: `${SITE}:9443` },
  { step: '3.2', what: 'delegation to a name with a port', delegates: `${BELOW}:9443`, via: `${BELOW}:9443`, hostHeader: `${BELOW}:9443`, tlsName: BELOW },
  { step: '3.2', what: 'delegation to a name with the port that URLs leave out', delegates: `${BELOW}:443`, via: `${BELOW}:443`, hostHeader: `${BELOW}:443`, tlsName: BELOW },
  { step: '3.3', what: 'delegation to a name with a service', delegates: BELOW, services: [`_matrix-fed._tcp.${BELOW}`], via: `${TARGET}:9443`, hostHeader: BELOW, tlsName: BELOW },
  { step: '3.3', what: 'the newer of two services', delegates: BELOW, services: [`_matrix-fed._tcp.${BELOW}`, `_matrix._tcp.${BELOW}`], via: `${TARGET}:9443`, hostHeader: BELOW, tlsName: BELOW },
  { step: '3.4', what: 'delegation to a name with a service of old', delegates: BELOW, services: [`_matrix._tcp.${BELOW}`], via: `${TARGET}:9443`, hostHeader: BELOW, tlsName: BELOW },
  { step: '3.5', what: 'delegation to a name without services', delegates: BELOW, services: [`_matrix-fed._tcp.${NAME}`], via: `${BELOW}:8448`, hostHeader: BELOW, tlsName: BELOW },
  { step: '4', what: 'a service', services: [`_matrix-fed._tcp.${NAME}`], via: `${TARGET}:9443`, hostHeader: NAME, tlsName: NAME },
  { step: '5', what: 'a service of old', services: [`_matrix._tcp.${NAME}`], via: `${TARGET}:9443`, hostHeader: NAME, tlsName: NAME },
  { step: '6', what: 'just a name', via: `${NAME}:8448`, hostHeader: NAME, tlsName: NAME },
];

for (const { step, what, name = NAME, delegates, services = [], via, hostHeader, tlsName } of ROWS) {
  test(`step ${step}: finds a server by ${what}`, async () => {
    await using federation = await Federation.start();
    federation.world.dns.set(TARGET, [SITE]);
    if (delegates !== undefined) federation.delegate(delegates);
    for (const service of services) federation.serve(service, `0 0 9443 ${TARGET}`);
    const routes = await federation.resolve(name);
    const [route] = routes;
    assert.deepEqual([routes.length, route?.step, `${route?.via.host}:${route?.via.port}`], [1, step, via]);
    // 443 is the web server's here, where 9443 and 8448 are the Matrix server's
    const server = route?.via.port === 443 ? federation.web : federation.matrix;
    await askServer(federation.fetch, routes, { uri: '/x?y=1', maxBytes: 100, deadlineMs: 5000 }, AT_ONCE);
    const request = server.requests.find(({ path }) => path === '/x?y=1');
    assert.deepEqual([request?.headers.get('host'), request?.serverName], [hostHeader, tlsName]);
    assert.equal(route?.hostHeader, hostHeader);
  });
}

test('step 1: keeps the brackets of IPv6 in the host header alone', async () => {
  await using federation = await Federation.start();
  const [without] = await federation.resolve('[2001:db8::1]');
  assert.deepEqual(without, { url: 'https://[2001:db8::1]', via: { host: '2001:db8::1', port: 8448 }, hostHeader: '[2001:db8::1]', tlsName: '2001:db8::1', step: '1' });
  const [given] = await federation.resolve('[2001:db8::1]:443');
  assert.deepEqual([given?.via.port, given?.hostHeader], [443, '[2001:db8::1]:443']);
});

test('steps 1 and 2: look for neither a delegation nor a service', async () => {
  await using federation = await Federation.start();
  federation.delegate(BELOW);
  for (const name of [SITE, `${SITE}:8448`, `${NAME}:8448`]) await federation.resolve(name);
  assert.deepEqual([federation.wellKnowns, federation.world.dns.questions], [0, []]);
});

test('step 3: asks whom it is delegated to for no delegation of its own', async () => {
  await using federation = await Federation.start();
  federation.delegate(BELOW);
  const [route] = await federation.resolve(NAME);
  assert.deepEqual([route?.step, federation.wellKnowns, federation.web.requests[0]?.headers.get('host')], ['3.5', 1, NAME]);
});

test('gives the targets of a service in order, and goes on to the next where one cannot be reached', async () => {
  await using federation = await Federation.start();
  federation.world.dns.set('second.example.net', [SITE]);
  federation.serve(`_matrix-fed._tcp.${NAME}`, '20 0 9443 second.example.net', '10 0 9443 first.example.net', '30 0 9443 third.example.net');
  const routes = await federation.resolve(NAME);
  assert.deepEqual(routes.map(({ via }) => via.host), ['first.example.net', 'second.example.net', 'third.example.net']);
  const { body } = await askServer(federation.fetch, routes, { uri: '/', maxBytes: 100, deadlineMs: 5000 }, AT_ONCE);
  assert.equal(String(await collectBytes(body, 100)), 'matrix');
});

test('asks no second target once the first has heard the request', async () => {
  await using federation = await Federation.start();
  federation.world.dns.set(TARGET, [SITE]);
  federation.serve(`_matrix-fed._tcp.${NAME}`, `10 0 9443 ${TARGET}`, `20 0 8448 ${TARGET}`);
  federation.matrix.set('/', (_request, socket) => void socket.destroy());
  const asked = askServer(federation.fetch, await federation.resolve(NAME), { uri: '/', maxBytes: 100, deadlineMs: 5000 }, AT_ONCE);
  await assert.rejects(asked, { reason: 'FETCH_FAILED' });
  assert.equal(federation.matrix.requests.length, 1);
});

test('a service without a target means that there is no server', async () => {
  await using federation = await Federation.start();
  federation.serve(`_matrix-fed._tcp.${NAME}`, '0 0 0 .');
  await assert.rejects(federation.resolve(NAME), { reason: 'FETCH_FAILED' });
});

test('S48 connects to no port 0 that a service names', async () => {
  await using federation = await Federation.start();
  federation.serve(`_matrix-fed._tcp.${NAME}`, `0 0 0 ${TARGET}`, `1 0 8448 ${TARGET}`);
  assert.deepEqual((await federation.resolve(NAME)).map(({ via }) => via), [{ host: TARGET, port: 8448 }]);
});

test('takes a name server that stumbles over services for one that knows none, and asks it again the next time', async () => {
  await using federation = await Federation.start();
  const discovery = federation.discovery();
  federation.world.dns.set(`_matrix-fed._tcp.${NAME}`, (_type, turn) => (turn === 0 ? { rcode: 2 } : { records: [{ name: `_matrix-fed._tcp.${NAME}`, type: 'SRV', data: `0 0 9443 ${TARGET}` }] }));
  assert.equal((await federation.resolve(NAME, discovery))[0]?.step, '6');
  assert.equal((await federation.resolve(NAME, discovery))[0]?.step, '4');
});

test('asks for services once in five minutes', async () => {
  await using federation = await Federation.start();
  const discovery = federation.discovery();
  const questions = (): number => federation.world.dns.questions.filter((question) => question.startsWith('SRV')).length;
  for (let turn = 0; turn < 3; turn += 1) await federation.resolve(NAME, discovery);
  assert.equal(questions(), 2);
  federation.clock.at += 5 * 60_000;
  await federation.resolve(NAME, discovery);
  assert.equal(questions(), 4);
});

/** Whoever is led there must be stopped before he connects. */
const TRAPS: readonly (readonly [what: string, set: (federation: Federation) => string])[] = [
  ['S42 an address of this machine', () => '127.0.0.1'],
  ['S42 one in IPv6', () => '[::1]:8448'],
  ['S43 one in hexadecimal', () => '0x7f.1:8448'],
  ['S43 one in octal', () => '0177.0.0.1:8448'],
  ['S43 one as a number', () => '2130706433:8448'],
  ['S44 a delegation to a private address', (federation) => (federation.delegate('10.0.0.1:443'), NAME)],
  ['B17 a delegation to this machine', (federation) => (federation.delegate('127.0.0.1:1'), NAME)],
  ['a delegation to a store', (federation) => (federation.delegate(`${BELOW}:27017`), NAME)],
  ['S46 a service on this machine', (federation) => (federation.serve(`_matrix-fed._tcp.${NAME}`, '0 0 27017 localhost'), NAME)],
  ['S47 a service at the metadata of a cloud', (federation) => {
    federation.world.dns.set(TARGET, ['169.254.169.254']);
    federation.serve(`_matrix-fed._tcp.${NAME}`, `0 0 8448 ${TARGET}`);
    return NAME;
  }],
];

for (const [what, set] of TRAPS) {
  test(`connects to nobody for ${what}`, async () => {
    await using federation = await Federation.start();
    const routes = await federation.resolve(set(federation));
    const failure: unknown = await askServer(federation.fetch, routes, { uri: '/', maxBytes: 100, deadlineMs: 5000 }, AT_ONCE).catch((error: unknown) => error);
    assert.match(String(fetchFailureOf(failure)?.code), /^(ADDRESS_FORBIDDEN|URL_REFUSED)$/);
    assert.deepEqual([federation.world.trap.connections, federation.matrix.connections], [0, 0]);
  });
}

test('refuses our own names, in whatever letters, before it asks anybody', async () => {
  await using federation = await Federation.start();
  const discovery = federation.discovery({ ownNames: ['us.example.org', 'other.example.org:8448'] });
  for (const name of ['us.example.org', 'US.example.org', 'other.example.org:8448']) {
    await assert.rejects(federation.resolve(name, discovery), { reason: 'FORBIDDEN', message: `Federation denied with ${name}.` });
  }
  assert.deepEqual(federation.world.dns.questions, []);
});

test('refuses whom the configuration denies, or does not allow, but finds notaries all the same', async () => {
  await using federation = await Federation.start();
  const denied = federation.discovery({ rules: { enabled: true, denied_servers: ['*.example.com'] } });
  const others = federation.discovery({ rules: { enabled: true, denied_servers: [], allowed_servers: ['example.net'] } });
  const nobody = federation.discovery({ rules: { enabled: false, denied_servers: [] } });
  for (const discovery of [denied, others, nobody]) await assert.rejects(federation.resolve(`${NAME}:1234`, discovery), { reason: 'FORBIDDEN' });
  assert.equal((await denied.locate(parseServerName(`${NAME}:1234`), AT_ONCE))[0]?.via.port, 1234);
});

test('does not send a request anywhere without a route', async () => {
  await using federation = await Federation.start();
  await assert.rejects(askServer(federation.fetch, [], { uri: '/', maxBytes: 1, deadlineMs: 100 }, AT_ONCE), TypeError);
});
