import assert from 'node:assert/strict';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTempDir } from '@medley/testing/temp-dir';
import { buf, generate } from './generate.ts';

const COMMITTED = fileURLToPath(new URL('../../../libs/proto/src', import.meta.url));
/** The contract as it was released; changes must stay compatible with it. */
const RELEASED = fileURLToPath(new URL('../released/medley.binpb', import.meta.url));

async function readGenerated(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const generated = files.filter((file) => relative(folder, file).startsWith('gen/') || file.endsWith('.binpb'));
  return new Map(await Promise.all(generated.map(async (file) => [relative(folder, file), await readFile(file, 'base64')] as const)));
}

describe('the proto files', () => {
  it('pass lint', () => buf('lint'));

  it('stay compatible with the released contract', () => buf('breaking', '--against', RELEASED));

  it('generate exactly what is committed', async () => {
    await using folder = await makeTempDir();
    const target = join(folder.path, 'libs/proto/src');
    await mkdir(target, { recursive: true });
    await generate(target);
    const [made, committed] = [await readGenerated(target), await readGenerated(COMMITTED)];
    assert.ok(made.size > 3, 'something was generated');
    assert.deepEqual([...made.keys()].toSorted(), [...committed.keys()].toSorted());
    for (const [file, content] of made) assert.equal(content, committed.get(file), `${join(dirname(COMMITTED), file)} is stale: npm run proto`);
  });
});
