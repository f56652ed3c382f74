import assert from 'node:assert/strict';
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTempDir } from '@medley/testing/temp-dir';
import { commentsOf, FIELD } from './descriptors.ts';
import { buf, generate, readDescriptors } from './generate.ts';
import { writeReference } from './reference.ts';

const COMMITTED = fileURLToPath(new URL('../../../libs/proto/src', import.meta.url));
const PROTO = fileURLToPath(new URL('../../../proto', import.meta.url));
const REFERENCE = fileURLToPath(new URL('../../../docs/reference/grpc.md', import.meta.url));
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

  it('can be imported by those of others, as a module of their workspace', async () => {
    await using folder = await makeTempDir();
    const own = join(folder.path, 'proto/bridge/v1');
    await mkdir(own, { recursive: true });
    await cp(PROTO, join(folder.path, 'vendor/medley'), { recursive: true });
    await writeFile(join(folder.path, 'buf.yaml'), 'version: v2\nmodules:\n  - path: proto\n  - path: vendor/medley\n');
    const text = 'syntax = "proto3";\npackage bridge.v1;\nimport "medley/metadata/v1/media.proto";\nmessage Sticker { medley.metadata.v1.MediaKey image = 1; }\n';
    await writeFile(join(own, 'sticker.proto'), text);
    await buf('build', folder.path);
  });

  it('say in the reference what they say themselves', async () => {
    assert.equal(await readFile(REFERENCE, 'utf8'), await writeReference(), 'docs/reference/grpc.md is stale: npm run proto');
  });

  it('say of every service and method what it is for', async () => {
    for (const file of (await readDescriptors()).filter(({ service = [] }) => service.length > 0)) {
      const comments = commentsOf(file);
      file.service?.forEach(({ name, method }, index) => {
        assert.notEqual(comments(FIELD.service, index), '', name);
        method.forEach((one, at) => assert.notEqual(comments(FIELD.service, index, FIELD.method, at), '', `${name}/${one.name}`));
      });
    }
  });

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
