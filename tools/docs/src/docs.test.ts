import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { findUnknownCalls, readVocabulary } from './commands.ts';
import { findConfigMistakes } from './config-blocks.ts';
import { findBrokenLinks } from './links.ts';
import { findUnknownNames, readNames } from './names.ts';
import { readPages, ROOT, type Page } from './pages.ts';
import { findUnrun, RUN_BY } from './runs.ts';

const pages = await readPages();
const names = await readNames();
const vocabulary = await readVocabulary();

/** A page of which something is wrong. */
function page(text: string): Page {
  return { path: 'docs/how-to/x.md', text };
}

async function findMistakes(of: readonly Page[]): Promise<readonly string[]> {
  await using folder = await makeTempDir();
  return (await Promise.all(of.map((one) => findConfigMistakes(one, folder.path)))).flat();
}

describe('the documentation', () => {
  it('has no link that leads nowhere', async () => {
    assert.deepEqual((await Promise.all(pages.map(findBrokenLinks))).flat(), []);
  });

  it('shows no configuration that would be refused', async () => {
    assert.deepEqual(await findMistakes(pages), []);
  });

  it('says of every command that it is not run, or it is', async () => {
    assert.deepEqual(pages.flatMap(findUnrun), []);
    for (const [path, test] of Object.entries(RUN_BY)) assert.ok((await readFile(join(ROOT, test), 'utf8')).includes(basename(path)), `${test} does not run ${path}`);
  });

  it('names no command or option of medley that there is not', () => {
    assert.deepEqual(pages.flatMap((one) => findUnknownCalls(one, vocabulary)), []);
  });

  it('names no metric, port, path or log line that there is not', () => {
    assert.deepEqual(pages.flatMap((one) => findUnknownNames(one, names)), []);
  });
});

describe('what is wrong with a page is noticed:', () => {
  it('links to files and headings that are not there', async () => {
    const text = '# One thing\n[a](../../README.md) [b](#one-thing) [c](gone.md) [d](#another-thing) [e](https://example.org)';
    assert.deepEqual(await findBrokenLinks(page(text)), ['docs/how-to/x.md: (gone.md) is not there', 'docs/how-to/x.md: (#another-thing) has no such heading']);
  });

  it('keys that there are not', async () => {
    const text = '```yaml\nuploads: { max_byte: 1 }\n```\n```yaml\nhomeservers:\n  - signing_key_file: /a/key\n    admin: []\n```\n```yaml\nupload: {}\n```';
    const mistakes = await findMistakes([page(text)]);
    assert.equal(mistakes.length, 3, mistakes.join('\n'));
    assert.deepEqual(await findMistakes([page('```yaml\napiVersion: v1\nupload: {}\n```\n```yaml\nuploads: { max_bytes: 1M }\n```')]), []);
  });

  it('commands that nobody runs', () => {
    assert.deepEqual(findUnrun(page('```sh\nls\n```\n\n<!-- not run -->\n```sh\nrm\n```')), ['docs/how-to/x.md:1']);
  });

  it('calls of medley with other names', () => {
    const text = '`medley sweap` `medley scrub --repair` `npm run -s medley -- --config a.yaml scrub --fix` `medley --json stats --by user`';
    assert.deepEqual(findUnknownCalls(page(text), vocabulary), ['docs/how-to/x.md: medley has no sweap', 'docs/how-to/x.md: medley has no --fix']);
  });

  it('metrics, ports, paths and log lines with other names', () => {
    const text = [
      '`medley_shed_total` `medley_sheds_total` `medley_store_duration_count`',
      '```sh\ncurl http://127.0.0.1:8008/_matrix/client/v1/media/config http://127.0.0.1:8009/_matrix/client/v1/media/konfig\n```',
      '| symptom | log line |\n|---|---|\n| a | `request failed` |\n| `b` | `request has failed` |',
    ].join('\n');
    const found = findUnknownNames(page(text), names).map((fault) => fault.slice('docs/how-to/x.md: there is no '.length));
    assert.deepEqual(found, ['medley_sheds_total', '127.0.0.1:8009', '/_matrix/client/v1/media/konfig', 'request has failed']);
  });
});
