import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ARTICLES } from './testing/golden/articles.ts';
import { ENCODINGS } from './testing/golden/encodings.ts';
import { SITES } from './testing/golden/sites.ts';
import { makePreviewer, type TestPreviewer } from './testing/make-previewer.ts';
import { startWeb, type Web } from '@medley/testing/scripted-web';

describe('a preview of', () => {
  const opened = new AsyncDisposableStack();
  let web: Web;
  let previewer: TestPreviewer;
  before(async () => {
    web = opened.use(await startWeb());
    previewer = opened.use(makePreviewer());
  });
  after(() => opened.disposeAsync());

  for (const { name, path, answers, expected, image } of [...ARTICLES, ...ENCODINGS, ...SITES]) {
    it(name, async () => {
      for (const [at, answer] of Object.entries(answers)) web.answers.set(at, answer);
      const preview = await previewer.preview(`${web.origin}${path}`);
      const properties = Object.fromEntries([...preview.properties].map(([key, value]) => [key, typeof value === 'string' ? value.replaceAll(web.origin, '{origin}') : value]));
      const told = preview.visit.trace.steps.map(({ kind, detail }) => `${kind}: ${detail}`).join('\n');
      assert.deepEqual(properties, expected, told);
      assert.deepEqual(preview.image && [preview.image.width, preview.image.height], image, told);
    });
  }
});
