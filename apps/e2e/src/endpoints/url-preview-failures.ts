import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { after, describe, it } from 'node:test';
import { findFreePorts } from '@medley/testing/free-ports';
import { startWeb, WEB_HOST, type Web } from '@medley/testing/scripted-web';
import { assertError, assertJson } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import type { System } from '../harness/system.ts';
import { PREVIEW_URL } from './url-preview.ts';

/** What preview_url makes of pages that are not there, not to be had, or meant to harm. */
export function describeUrlPreviewFailures({ site }: System): void {
  describe('preview_url, of pages that can not be had', async () => {
    const web = await startWeb();
    const inside = await startInside();
    after(async () => {
      inside.server.close();
      await web[Symbol.asyncDispose]();
    });
    const ask: Ask = (url) => site.user().call(PREVIEW_URL, { query: { url } });
    testLures(web, inside, ask);
    testBurdens(web, ask);
  });
}

type Ask = (url: string) => Promise<Answer>;

/** A server that nobody outside must reach. */
interface Inside {
  readonly server: Server;
  readonly url: string;
  connections: number;
}

async function startInside(): Promise<Inside> {
  const server = createServer((socket) => {
    inside.connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const inside: Inside = { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: 0 };
  return inside;
}

function testLures(web: Web, inside: Inside, ask: Ask): void {
  it('answers the same, whatever is wrong, so that nobody can look around inside', async () => {
    web.answers.set('/zip', { type: 'application/zip', body: 'PK' });
    web.answers.set('/inside', { type: 'text/html', body: '', status: 302, headers: { location: inside.url } });
    web.answers.set('/loop', { type: 'text/html', body: '', status: 302, headers: { location: '/loop' } });
    const closed = `http://${WEB_HOST}:${await findFreePorts(1)}/`;
    const urls = [`${web.origin}/missing`, `${web.origin}/zip`, `${web.origin}/inside`, `${web.origin}/loop`, closed, inside.url, 'http://localhost/', 'http://[::1]/', 'http://2130706433/', 'http://10.0.0.1/'];
    const errors = await Promise.all(urls.map(async (url) => assertError(await ask(url), 502, 'M_UNKNOWN')));
    assert.equal(new Set(errors.map((error) => JSON.stringify(error))).size, 1);
    assert.equal(inside.connections, 0);
  });

  it('remembers a failure for a while', async () => {
    for (let count = 0; count < 3; count += 1) assertError(await ask(`${web.origin}/gone`), 502, 'M_UNKNOWN');
    assert.equal(web.requests.filter(({ url }) => url === '/gone').length, 1);
  });

  it('does without images, logos and oEmbed answers that lie inside', async () => {
    web.answers.set('/lures', `<base href="${inside.url}/"><title>Lures</title><meta property="og:image" content="${inside.url}/a.png"><meta property="og:image" content="b.png">
      <link rel="alternate" type="application/json+oembed" href="${inside.url}/oembed"><link rel="icon" href="${inside.url}/icon.png"><img src="http://[::ffff:127.0.0.1]/x">`);
    assert.deepEqual(assertJson(await ask(`${web.origin}/lures`)), { 'og:title': 'Lures' });
    assert.equal(inside.connections, 0);
  });
}

function testBurdens(web: Web, ask: Ask): void {
  it('does without images that are none, too large, or a bomb', async () => {
    web.answers.set('/text.png', { type: 'image/png', body: 'no image' });
    web.answers.set('/large.png', { type: 'image/png', body: Buffer.alloc(2 ** 21) });
    web.answers.set('/picture.svg', { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' });
    for (const image of ['text.png', 'large.png', 'picture.svg', 'missing.png']) {
      web.answers.set(`/with-${image}`, `<title>x</title><meta property="og:image" content="/${image}">`);
      assert.deepEqual(assertJson(await ask(`${web.origin}/with-${image}`)), { 'og:title': 'x' }, image);
    }
  });

  it('ends the wait for a page that drips', async () => {
    web.answers.set('/drip', (request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const timer = setInterval(() => response.write(' '), 100);
      request.once('close', () => clearInterval(timer));
    });
    const startedAt = performance.now();
    assertError(await ask(`${web.origin}/drip`), 502, 'M_UNKNOWN');
    assert.ok(performance.now() - startedAt < 8000);
  });

  it('is quick with a page of nested elements that slow parsers down', async () => {
    web.answers.set('/deep', `<meta property="og:title" content="Deep">${'<math><mi>'.repeat(250_000)}`);
    const startedAt = performance.now();
    assert.deepEqual(assertJson(await ask(`${web.origin}/deep`)), { 'og:title': 'Deep' });
    assert.ok(performance.now() - startedAt < 5000);
  });
}
