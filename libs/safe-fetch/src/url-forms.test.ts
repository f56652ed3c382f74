import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AddressJudge } from './address-judge.ts';
import { FetchFailure, fetchFailureOf } from './fetch-failure.ts';
import { WEB_PORTS, type FetchPolicy } from './fetch-policy.ts';
import type { SafeFetch } from './safe-fetch.ts';
import { ALLOWED_URLS, FORBIDDEN_URLS, REFUSED_URLS } from './url-forms.fixture.ts';
import { judgeUrl, parseUrl } from './url-rules.ts';
import { httpAnswer, type WebServer } from './web-server.fixture.ts';
import { World } from './world.fixture.ts';

const POLICY: FetchPolicy = { userAgent: 'test', ports: WEB_PORTS, allowsDowngrade: true };

describe('URLs that must not be fetched', () => {
  let world: World;
  let everywhere: WebServer;
  let fetcher: SafeFetch;

  before(async () => {
    world = await World.start();
    // All addresses of this machine, in both families.
    everywhere = await world.serve('::');
    everywhere.set('*', httpAnswer('200 OK', {}, 'secret'));
    fetcher = world.fetcher({ networks: {} });
  });
  after(() => world[Symbol.asyncDispose]());

  for (const [urls, code] of [[FORBIDDEN_URLS, 'ADDRESS_FORBIDDEN'], [REFUSED_URLS, 'URL_REFUSED']] as const) {
    for (const form of urls) {
      test(`${code} for ${JSON.stringify(form.slice(0, 60))}`, async () => {
        world.dns.questions.length = 0;
        const failure = await world.refuses(form.replace('{port}', String(everywhere.port)), code, {}, fetcher);
        assert.equal(failure.hops.at(-1)?.address, undefined);
        assert.equal(everywhere.connections, 0, 'a forbidden connection was made');
        assert.deepEqual(world.dns.questions, []);
      });
    }
  }

  test('the listener would have heard a connection', async () => {
    const open = world.fetcher({ networks: { allowed: ['127.1.1.1'] } });
    assert.equal((await world.get(`http://127.1.1.1:${everywhere.port}/`, {}, open)).text, 'secret');
    assert.equal(everywhere.connections, 1);
  });
});

for (const [form, host, port] of ALLOWED_URLS) {
  test(`lets ${JSON.stringify(form)} pass, and takes it for ${host} port ${port}`, () => {
    const target = judgeUrl(parseUrl(form), POLICY);
    assert.deepEqual(target, { host, port });
    if (isIP(host) !== 0) assert.doesNotThrow(() => new AddressJudge().check(host));
  });
}

test('opens the ports of the policy alone', () => {
  const isOpen = (port: number, ports: FetchPolicy['ports']): boolean => {
    try {
      judgeUrl(parseUrl(`http://example.com:${port}/`), { ...POLICY, ports });
      return true;
    } catch (error) {
      assert.ok(error instanceof FetchFailure);
      return false;
    }
  };
  for (const port of WEB_PORTS) assert.ok(isOpen(port, WEB_PORTS), String(port));
  for (const port of [81, 8000, 8081, 3000, 22, 27017]) assert.ok(!isOpen(port, WEB_PORTS), String(port));
  for (const port of [80, 443, 8000, 8448, 1024, 65_535]) assert.ok(isOpen(port, 'unreserved'), String(port));
  for (const port of [0, 1, 22, 25, 53, 6000, 3306, 5432, 6379, 27017, 50051]) assert.ok(!isOpen(port, 'unreserved'), String(port));
});

test('S54 refuses the ports of stores and of metrics, on public hosts too', () => {
  for (const port of [9000, 27017, 9090, 50051]) {
    assert.throws(() => judgeUrl(parseUrl(`http://example.com:${port}/`), POLICY), { code: 'URL_REFUSED' });
  }
});

test('asks for a special name only where the policy opens it', () => {
  const hosts = { special: ['mongo', '*.corp.internal'] };
  for (const name of ['mongo', 'wiki.corp.internal']) assert.equal(judgeUrl(parseUrl(`http://${name}/`), { ...POLICY, hosts }).host, name);
  for (const name of ['corp.internal', 'postgres', 'mongo.local']) assert.throws(() => judgeUrl(parseUrl(`http://${name}/`), { ...POLICY, hosts }), FetchFailure);
});

test('denies a host however the operator and the URL write it', () => {
  const hosts = { denied: ['Evil.Example.COM', 'bücher.example.com', '*.Täter.example.com', '2606:4700:0::1'] };
  for (const host of ['evil.example.com', 'EVIL.example.com.', 'ｅvil.example.com', 'xn--bcher-kva.example.com', 'BÜCHER.example.com', 'a.xn--tter-loa.example.com', '[2606:4700::1]']) {
    assert.throws(() => judgeUrl(parseUrl(`http://${host}/`), { ...POLICY, hosts }), FetchFailure, host);
  }
  for (const host of ['example.com', 'not-evil.example.com', 'täter.example.com', 'evil.example.com.example.org']) assert.ok(judgeUrl(parseUrl(`http://${host}/`), { ...POLICY, hosts }));
});

test('shows the last word a host without its final dot', () => {
  const seen: string[] = [];
  judgeUrl(parseUrl('http://example.com.:8080/'), { ...POLICY, judge: (url) => void seen.push(url.host) });
  assert.deepEqual(seen, ['example.com:8080']);
});

test('tells what is no failed fetch from what is', () => {
  assert.equal(fetchFailureOf(new Error('x')), undefined);
  assert.equal(fetchFailureOf(undefined), undefined);
});
