import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { AUTHORITY, OTHER_TLS } from '@medley/safe-fetch/certificates.fixture';
import { httpAnswer, redirect, type WebScript } from '@medley/safe-fetch/web-server.fixture';
import { SITE } from '@medley/safe-fetch/world.fixture';
import { BELOW, Federation, NAME, PortMap } from '../testing/federation.fixture.ts';
import { lifetimeOf } from './lifetime.ts';

const HOUR = 3_600_000;
const PATH = '/.well-known/matrix/server';
const GOOD = JSON.stringify({ 'm.server': `${BELOW}:9443` });

/** What leads on to step 4, since it is no delegation. */
const FAULTS: Readonly<Record<string, WebScript>> = {
  'no such page': httpAnswer('404 Not Found', {}, GOOD),
  'an error': httpAnswer('500 Oops', {}, GOOD),
  'another success': httpAnswer('201 Created', {}, GOOD),
  'a page': httpAnswer('200 OK', { 'content-type': 'text/html' }, '<html>'),
  'nothing': httpAnswer('200 OK'),
  'JSON that is cut': httpAnswer('200 OK', {}, GOOD.slice(0, -1)),
  'a list': httpAnswer('200 OK', {}, `[${GOOD}]`),
  'null': httpAnswer('200 OK', {}, 'null'),
  'no m.server': httpAnswer('200 OK', {}, '{"server":"x"}'),
  'a number': httpAnswer('200 OK', {}, '{"m.server":1}'),
  'an empty name': httpAnswer('200 OK', {}, '{"m.server":""}'),
  'a URL': httpAnswer('200 OK', {}, `{"m.server":"https://${BELOW}"}`),
  'a port out of range': httpAnswer('200 OK', {}, `{"m.server":"${BELOW}:99999"}`),
  'bytes that are no UTF-8': httpAnswer('200 OK', {}, Buffer.from(GOOD.replace('}', ',"x":"\xff"}'), 'latin1')),
  'more than 50 KiB': httpAnswer('200 OK', {}, GOOD.padEnd(50 * 1024 + 1)),
  'more than it says': `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${GOOD.padEnd(60 * 1024)}`,
  'less than it says': `HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${GOOD}`,
  'silence': () => {},
  'a closed connection': (_request, socket) => void socket.destroy(),
  'no HTTP': 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
  'a redirect to itself': redirect(PATH),
  'four redirects': (request, socket) => socket.end(request.path.endsWith('xxxx') ? httpAnswer('200 OK', {}, GOOD) : redirect(`https://${NAME}:${socket.localPort}${request.path}x`)),
  'S45 a redirect to this machine': redirect('https://127.0.0.1/x'),
  'a redirect to http': redirect(`http://${NAME}/x`),
};

for (const [what, script] of Object.entries(FAULTS)) {
  test(`goes on without a delegation after ${what}`, async () => {
    await using federation = await Federation.start();
    federation.web.set('*', script);
    assert.deepEqual((await federation.resolve(NAME)).map(({ step, hostHeader }) => [step, hostHeader]), [['6', NAME]]);
    assert.equal(federation.world.trap.connections, 0);
  });
}

test('goes on without a delegation by whoever is not the server: a certificate of another', async () => {
  await using federation = await Federation.start();
  const impostor = await federation.world.serve(SITE, OTHER_TLS);
  impostor.set(PATH, httpAnswer('200 OK', {}, GOOD));
  const fetch = new PortMap(federation.world.fetcher({ ca: AUTHORITY }), new Map([[443, impostor.port]]));
  assert.equal((await federation.resolve(NAME, federation.discovery({ fetch })))[0]?.step, '6');
  assert.deepEqual(impostor.requests, []);
});

/** What is a delegation all the same. */
const TOLERATED: Readonly<Record<string, WebScript>> = {
  'of whatever type': httpAnswer('200 OK', { 'content-type': 'text/html; charset=utf-16' }, GOOD),
  'with other members': httpAnswer('200 OK', {}, `{"x":[1.5],"m.server":"${BELOW}:9443","m.homeserver":null}`),
  'of just 50 KiB': httpAnswer('200 OK', {}, GOOD.padEnd(50 * 1024)),
  'behind three redirects': (request, socket) => socket.end(request.path.endsWith('xxx') ? httpAnswer('200 OK', {}, GOOD) : redirect(`https://${NAME}:${socket.localPort}${request.path}x`, 307)),
};

for (const [what, script] of Object.entries(TOLERATED)) {
  test(`takes a delegation ${what}`, async () => {
    await using federation = await Federation.start();
    federation.web.set('*', script);
    assert.equal((await federation.resolve(NAME))[0]?.hostHeader, `${BELOW}:9443`);
  });
}

const LIFETIMES: readonly (readonly [cacheControl: string | undefined, hours: number])[] = [
  [undefined, 24], ['', 24], ['public', 24], ['max-age=7200', 2], ['public, Max-Age="7200", immutable', 2], ['max-age=0', 1 / 12], ['max-age=60', 1 / 12],
  ['no-store', 1 / 12], ['no-cache, max-age=7200', 1 / 12], ['max-age=9999999', 48], ['max-age=-5', 24], ['max-age=soon', 24], ['s-maxage=60', 24],
];

for (const [cacheControl, hours] of LIFETIMES) {
  test(`believes a delegation for ${hours.toFixed(2)} hours by Cache-Control: ${cacheControl}`, () => assert.equal(lifetimeOf(cacheControl, 0.5), hours * HOUR));
}

test('believes delegations that say nothing for not quite the same time', () => {
  assert.deepEqual([lifetimeOf(undefined, 0), lifetimeOf(undefined, 1)].map((ms) => Math.round(ms / HOUR * 10) / 10), [21.6, 26.4]);
});

test('keeps a delegation as long as it allows, and asks once for all who wait', async () => {
  await using federation = await Federation.start();
  federation.delegate({ script: httpAnswer('200 OK', { 'cache-control': 'max-age=7200' }, GOOD) });
  const discovery = federation.discovery();
  await Promise.all(Array.from({ length: 20 }, (_, index) => federation.resolve(index % 2 === 0 ? NAME : NAME.toUpperCase(), discovery)));
  federation.clock.at += 2 * HOUR - 1;
  await federation.resolve(NAME, discovery);
  assert.equal(federation.wellKnowns, 1);
  federation.clock.at += 1;
  await federation.resolve(NAME, discovery);
  assert.equal(federation.wellKnowns, 2);
});

test('asks a server that has none after 5, 10, 20, 40 and then every 60 minutes', async () => {
  await using federation = await Federation.start();
  const discovery = federation.discovery();
  assert.deepEqual(await pausesOf(federation, () => federation.resolve(NAME, discovery), 7), [5, 10, 20, 40, 60, 60]);
});

test('asks a server that had one after 2, 4 and 8 minutes, and keeps it again when it is back', async () => {
  await using federation = await Federation.start();
  const discovery = federation.discovery();
  const resolve = (): Promise<unknown> => federation.resolve(NAME, discovery);
  federation.delegate(`${BELOW}:9443`);
  await resolve();
  federation.clock.at += 25 * HOUR;
  federation.delegate({ script: httpAnswer('503 Away') });
  assert.deepEqual(await pausesOf(federation, resolve, 4), [2, 4, 8]);
  federation.delegate(`${BELOW}:9443`);
  federation.clock.at += HOUR;
  assert.equal((await federation.resolve(NAME, discovery))[0]?.step, '3.2');
  federation.clock.at += 23 * HOUR;
  assert.equal((await federation.resolve(NAME, discovery))[0]?.step, '3.2');
});

test('lets one who waits leave, and answers the others', async () => {
  await using federation = await Federation.start();
  const { promise: asked, resolve: hear } = Promise.withResolvers<(answer: Buffer) => void>();
  federation.delegate({ script: (_request, socket) => hear((answer) => void socket.end(answer)) });
  const discovery = federation.discovery();
  const leaving = new AbortController();
  const left = discovery.resolve(parseServerName(NAME), leaving.signal);
  const stayed = federation.resolve(NAME, discovery);
  const answer = await asked;
  leaving.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  answer(httpAnswer('200 OK', {}, GOOD));
  assert.equal((await stayed)[0]?.step, '3.2');
  assert.equal(federation.wellKnowns, 1);
});

/** The minutes between the questions that are asked, when somebody wants to know every minute. */
async function pausesOf(federation: Federation, resolve: () => Promise<unknown>, count: number): Promise<readonly number[]> {
  const [times, before]: [number[], number] = [[], federation.wellKnowns];
  while (times.length < count) {
    await resolve();
    if (federation.wellKnowns - before > times.length) times.push(federation.clock.at);
    federation.clock.at += 60_000;
  }
  return times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 60_000);
}
