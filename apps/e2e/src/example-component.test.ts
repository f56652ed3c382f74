import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Program } from './harness/program.ts';
import { GRPC_TOKEN, Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const COMPONENT = fileURLToPath(new URL('../../../docs/examples/media-component/component.js', import.meta.url));
const run = promisify(execFile);

describe('the example of a homeserver component', () => {
  let site: Site;
  let program: Program;
  before(async () => {
    site = await Site.open();
    program = await startProgram('services', site);
  });
  after(async () => {
    await stopProgram(program);
    await site[Symbol.asyncDispose]();
  });

  const component = (token: string, args: readonly string[]) => run(process.execPath, [COMPONENT, ...args], {
    env: { ...process.env, MEDLEY_METADATA: `127.0.0.1:${site.ports.metadata}`, MEDLEY_STORAGE: `127.0.0.1:${site.ports.storage}`, MEDLEY_TOKEN: token },
  });

  it('stores a file that clients then see, reads it again, and learns what is not there', async () => {
    await using folder = await makeTempDir();
    const [path, bytes] = [join(folder.path, 'a file.bin'), randomBytes(300_000)];
    await writeFile(path, bytes);
    const { stdout } = await component(GRPC_TOKEN, [`@bridge:${site.serverName}`, path, 'image/x-test']);
    const [, origin = '', mediaId = ''] = /stored mxc:\/\/([^/]+)\/(\S+)/.exec(stdout) ?? [];
    assert.match(stdout, /read 300000 bytes of image\/x-test\nand what is not there is NOT_FOUND/);
    const { status, body, headers } = await site.user().download(parseMxcParts(origin, mediaId));
    assert.deepEqual([status, body.equals(bytes), headers['content-type']], [200, true, 'image/x-test']);
  });

  it('can do nothing without the token', async () => {
    await assert.rejects(component('another token', [`@bridge:${site.serverName}`, COMPONENT]), /UNAUTHENTICATED|PERMISSION_DENIED/);
  });
});
