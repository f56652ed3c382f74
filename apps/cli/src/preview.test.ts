import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { paintPng } from '@medley/testing/images';
import { startWeb, WEB_NETWORK, type Web } from '@medley/testing/scripted-web';
import { makeSite, run } from './command.fixture.ts';

describe('medley preview', () => {
  const opened = new AsyncDisposableStack();
  let web: Web;
  let config: string;
  before(async () => {
    web = opened.use(await startWeb({
      '/old': { type: 'text/html', body: '', status: 301, headers: { location: '/page' } },
      '/page': '<title>Page</title><meta property="og:video:width" content="wide"><meta property="og:image" content="/missing.png"><img src="/a.png">',
      '/a.png': { type: 'image/png', body: paintPng(20, 10) },
    }));
    const site = opened.use(await makeSite({ url_previews: { ports: 'any', allowed_networks: [WEB_NETWORK] } }));
    config = site.configPath;
  });
  after(() => opened.disposeAsync());

  it('tells each step: hops with addresses, type, encoding, what was found, what was dropped and why', async () => {
    const { code, stdout, stderr } = await run(['-c', config, 'preview', `${web.origin}/old`]);
    assert.equal(code, 0, stderr);
    const told = [/hop +\S+\/old · 127\.77\.0\.1 · 301/, /hop +\S+\/page · 127\.77\.0\.1 · 200/, /type +text\/html/, /encoding +utf-8, by header/,
      /found +HTML: og:title/, /dropped +og:video:width: not a whole number/, /dropped +image \S+\/missing\.png: FETCH_FAILED status 404/, /image +\S+\/a\.png · image\/png 20×10/,
      /^og:title +Page$/m, /^og:image +image\/png 20×10/m];
    for (const line of told) assert.match(stdout, line);
  });

  it('says why there is none, with exit code 1, also as JSON', async () => {
    const { code, stdout } = await run(['-c', config, '--json', 'preview', `${web.origin}/gone`]);
    assert.equal(code, 1);
    const report = JSON.parse(stdout) as { readonly ok: boolean; readonly failure: string; readonly steps: readonly { readonly detail: string }[] };
    assert.deepEqual([report.ok, report.failure, report.steps.at(-1)?.detail], [false, 'FETCH_FAILED', 'FETCH_FAILED status 404']);
  });
});
