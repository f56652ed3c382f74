import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { startWeb, type Web } from '@medley/testing/scripted-web';
import { assertBytes, assertError, assertJson } from '../harness/expect.ts';
import type { Site } from '../harness/site.ts';
import type { System } from '../harness/system.ts';
import { withMetadata } from '../maintenance/stores.ts';
import { readThumbnail } from './thumbnail.ts';

export const PREVIEW_URL = '/_matrix/client/v1/media/preview_url';
const PLACES = [PREVIEW_URL, '/_matrix/media/v3/preview_url', '/_matrix/media/r0/preview_url'];
const IMAGE = paintPng(279, 129);
const PAGE = `<title>T</title><meta property="og:title" content="The Matrix"><meta property="og:image" content="test.png">
  <meta property="og:video:width" content="640"><link rel="icon" href="/logo.png">`;

/** GET /_matrix/client/v1/media/preview_url and its deprecated forms. */
export function describeUrlPreview({ site }: System): void {
  describe('preview_url', async () => {
    const web = await startWeb({
      '/page': PAGE, '/test.png': { type: 'image/png', body: IMAGE }, '/logo.png': { type: 'image/png', body: paintPng(16, 16) }, '/empty': '<p>',
      '/language': (request, response) => response.setHeader('content-type', 'text/html').end(`<title>${request.headers['accept-language']}</title>`),
    });
    after(() => web[Symbol.asyncDispose]());
    testAnswers(site, web);
    testQuestions(site, web);
    testImages(site, web);
  });
}

function testAnswers(site: Site, web: Web): void {
  for (const path of PLACES) {
    it(`answers at ${path} what a page says, with its image as media of ours`, async () => {
      const user = site.user();
      const { 'og:image': image, ...rest } = assertJson(await user.call(path, { query: { url: `${web.origin}/page` } }));
      assert.deepEqual(rest, {
        'og:title': 'The Matrix', 'og:video:width': 640, 'og:image:type': 'image/png', 'og:image:width': 279, 'og:image:height': 129, 'matrix:image:size': IMAGE.byteLength,
      });
      const uri = readMxc(image);
      assert.equal(uri.origin, site.serverName);
      assertBytes(await user.download(uri), IMAGE);
      assert.equal(readThumbnail(await user.thumbnail(uri, { width: 32, height: 32, method: 'crop' })).width, 32);
    });
  }

  it('fetches once for many who ask at once, and for those who ask later', async () => {
    const url = `${web.origin}/page?herd`;
    const answers = await Promise.all(Array.from({ length: 30 }, () => site.user().call(PREVIEW_URL, { query: { url } })));
    answers.push(await site.user().call(PREVIEW_URL, { query: { url: `${url}#fragment` } }));
    answers.push(await site.user().call(PREVIEW_URL, { query: { url, ts: Date.now() } }));
    assert.equal(new Set(answers.map((answer) => JSON.stringify(assertJson(answer)))).size, 1);
    assert.equal(web.requests.filter((request) => request.url === '/page?herd').length, 1);
  });

  it('answers what is new where nothing is known of the time asked for', async () => {
    const answer = assertJson(await site.user().call(PREVIEW_URL, { query: { url: `${web.origin}/page?ts`, ts: 1_500_000_000_000 } }));
    assert.equal(answer['og:title'], 'The Matrix');
  });

  it('answers {} for a page that says nothing', async () => {
    assert.deepEqual(assertJson(await site.user().call(PREVIEW_URL, { query: { url: `${web.origin}/empty` } })), {});
  });
}

function testQuestions(site: Site, web: Web): void {
  it('asks in the language of the client, and keeps answers in each apart', async () => {
    const ask = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      assertJson(await site.user().call(PREVIEW_URL, { query: { url: `${web.origin}/language` }, headers }))['og:title'];
    assert.equal(await ask({ 'accept-language': 'de, en;q=0.5' }), 'de,en;q=0.5');
    assert.equal(await ask({}), 'en');
    assert.equal(await ask({ 'accept-language': 'x\u00ffy' }), 'en');
  });

  it('shows strangers nothing of who asks', async () => {
    const user = site.user();
    await user.call(PREVIEW_URL, { query: { url: `${web.origin}/page?headers` }, headers: { cookie: 'a=b', referer: 'https://secret.example/' } });
    const [asked] = web.requests.filter((request) => request.url === '/page?headers');
    const names = Object.keys(asked?.headers ?? {}).filter((name) => !['host', 'connection', 'user-agent', 'accept', 'accept-language', 'accept-encoding'].includes(name));
    assert.deepEqual(names, []);
  });

  it('refuses what is no question', async () => {
    const user = site.user();
    assertError(await user.call(PREVIEW_URL), 400, 'M_MISSING_PARAM');
    for (const url of ['example.org', 'ftp://a.example/', 'data:text/html,x', 'http://u:p@a.example/']) {
      assertError(await user.call(PREVIEW_URL, { query: { url } }), 400, 'M_INVALID_PARAM');
    }
    for (const ts of ['x', '-1', '1.5']) assertError(await user.call(PREVIEW_URL, { query: { url: 'http://a.example/', ts } }), 400, 'M_INVALID_PARAM');
  });
}

function testImages(site: Site, web: Web): void {
  it('tells the logo of the site if asked', async () => {
    const user = site.user();
    const query = { url: `${web.origin}/page`, include: 'matrix:site_logo' };
    const answer = assertJson(await user.call(PREVIEW_URL, { query }));
    assert.equal(answer['matrix:site_logo:size'], paintPng(16, 16).byteLength);
    assert.equal((await user.download(readMxc(answer['matrix:site_logo']))).status, 200);
  });

  it('records the image as one that goes, and hides it when its bytes are hidden', async () => {
    const user = site.user();
    const url = `${web.origin}/test.png`;
    const uri = readMxc(assertJson(await user.call(PREVIEW_URL, { query: { url } }))['og:image']);
    const { results } = await withMetadata(site, (rpc) => rpc.batchGetMedia({ keys: [{ origin: uri.origin, mediaId: uri.mediaId }] }));
    assert.ok((results[0]?.record?.previewImage?.expiresAtMs ?? 0) > Date.now() + 3_600_000);
    web.answers.set('/bad.png', { type: 'image/png', body: paintPng(51, 17) });
    const bad = readMxc(assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/bad.png` } }))['og:image']);
    await withMetadata(site, (rpc) => rpc.setQuarantine({ keys: [{ origin: bad.origin, mediaId: bad.mediaId }], digests: [], quarantined: true, by: '@admin:e2e.example' }));
    const again = assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/bad.png?again` } }));
    assert.deepEqual(again, { 'og:title': 'bad.png' });
  });
}

function readMxc(value: unknown): MxcUri {
  const [, origin = '', mediaId = ''] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(String(value)) ?? [];
  return parseMxcParts(origin, mediaId);
}
