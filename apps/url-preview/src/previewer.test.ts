import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paintPng } from '@medley/testing/images';
import { startWeb } from '@medley/testing/scripted-web';
import { makePreviewer } from './testing/make-previewer.ts';

describe('Previewer', () => {
  it('asks a known oEmbed provider instead of the page, and the page where the provider fails', async () => {
    await using web = await startWeb({
      '/good': { type: 'application/json', body: '{"version":"1.0","title":"By oEmbed"}' },
      '/watch/1': '<title>By the page</title>',
    });
    for (const [endpoint, title] of [['/good', 'By oEmbed'], ['/bad', 'By the page']] as const) {
      const provider = { name: 'Test', schemes: [`${web.origin}/watch/*`], endpoint: `${web.origin}${endpoint}` };
      await using previewer = makePreviewer({ oembed_providers: [provider] });
      const { properties } = await previewer.preview(`${web.origin}/watch/1`);
      assert.equal(properties.get('og:title'), title);
    }
    assert.equal(web.requests.filter(({ url }) => url === '/watch/1').length, 1);
    assert.match(web.requests[0]?.url ?? '', /^\/good\?url=http%3A%2F%2F127.*%2Fwatch%2F1&format=json$/);
  });

  it('leaves out an image that does not come in time, and keeps the rest', async () => {
    await using web = await startWeb({ '/page': '<title>Quick</title><meta property="og:image" content="/never.png">', '/never.png': () => {} });
    await using previewer = makePreviewer({ timeout: '500ms' });
    const startedAt = performance.now();
    const { properties, image } = await previewer.preview(`${web.origin}/page`);
    assert.equal(properties.get('og:title'), 'Quick');
    assert.equal(image, undefined);
    assert.ok(performance.now() - startedAt < 3000);
  });

  it('leaves out images with more pixels than thumbnails are made of', async () => {
    await using web = await startWeb({ '/page': '<title>x</title><meta property="og:image" content="/a.png">', '/a.png': { type: 'image/png', body: paintPng(40, 40) } });
    await using previewer = makePreviewer({}, 1000);
    assert.equal((await previewer.preview(`${web.origin}/page`)).image, undefined);
  });

  it('holds no more than so many images at once, and all come', async () => {
    let [open, most] = [0, 0];
    await using web = await startWeb();
    await using previewer = makePreviewer();
    const paths = Array.from({ length: 30 }, (_, index) => `/${index}.png`);
    for (const path of paths) {
      web.answers.set(path, (_request, response) => {
        most = Math.max(most, (open += 1));
        setTimeout(() => {
          open -= 1;
          response.setHeader('content-type', 'image/png').end(paintPng(8, 8));
        }, 30);
      });
      web.answers.set(`${path}.html`, `<meta property="og:image" content="${path}">`);
    }
    const previews = await Promise.all(paths.map((path) => previewer.preview(`${web.origin}${path}.html`)));
    assert.ok(previews.every(({ image }) => image?.width === 8));
    assert.ok(most > 1 && most <= 16, `${most} at once`);
  });

  it('fails for what is no success, of another type, or nowhere, and says why only in its trace', async () => {
    await using web = await startWeb({ '/zip': { type: 'application/zip', body: 'PK' }, '/500': { type: 'text/html', body: '<title>x</title>', status: 500 } });
    await using previewer = makePreviewer();
    for (const path of ['/zip', '/500', '/missing']) {
      await assert.rejects(previewer.preview(`${web.origin}${path}`), { reason: 'FETCH_FAILED', message: 'The URL could not be fetched' });
    }
  });
});
