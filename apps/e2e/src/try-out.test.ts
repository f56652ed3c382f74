import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { findPorts } from './harness/ports.ts';
import { Program } from './harness/program.ts';
import { stopProgram, untilReady } from './harness/system.ts';

const folder = await makeTempDir();
const ports = await findPorts();
const env = {
  MEDLEY_DATA_DIR: folder.path,
  MEDLEY_LISTEN__PORT: String(ports.http),
  MEDLEY_METRICS__HOST: '127.0.0.1',
  MEDLEY_METRICS__PORT: String(ports.metrics),
};
after(() => folder[Symbol.asyncDispose]());

/** What a newcomer copies from the screen: the first `curl` line's token and URL. */
function readHint(program: Program): { readonly token: string; readonly url: string } {
  const said = program.logs.map((line) => String(line['msg'])).join('\n');
  const [, token = '', url = ''] = /curl -H 'Authorization: Bearer ([^']+)'.* '([^']+\/upload[^']*)'/.exec(said) ?? [];
  assert.notEqual(url, '', said);
  return { token, url };
}

it('starts without a configuration, and the line that it prints uploads', { timeout: 60_000 }, async () => {
  using program = Program.start('apps/medley/src/main.ts', [], env);
  await untilReady(program, [ports.metrics]);
  const { token, url } = readHint(program);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
  const uploaded = await fetch(url, { method: 'POST', headers, body: 'a photo' });
  const { content_uri: uri } = (await uploaded.json()) as { content_uri: string };
  assert.match(uri, /^mxc:\/\/localhost\//);
  await stopProgram(program);

  // The next start has the same tokens and the same media.
  using again = Program.start('apps/medley/src/main.ts', [], env);
  await untilReady(again, [ports.metrics]);
  assert.equal(readHint(again).token, token);
  const download = new URL(`/_matrix/client/v1/media/download/${uri.slice('mxc://'.length)}`, url);
  assert.equal(await (await fetch(download, { headers })).text(), 'a photo');
  await stopProgram(again);
});

it('says every mistake of a configuration and ends with 78', async () => {
  const mistakes = { MEDLEY_UPLOADS__MAX_BYTES: 'much', MEDLEY_LISTEN__PORT: '99999' };
  const path = join(folder.path, 'mistakes.yaml');
  await writeFile(path, 'homeservers: [{ server_name: "no name" }]\nuploads: { max_byte: 1 }\n');
  const scripts = ['apps/medley/src/main.ts', 'apps/medley/src/services.ts', 'apps/gateway/src/main.ts'];
  await Promise.all(scripts.map(async (script) => {
    using program = Program.start(script, ['--config', path], { ...env, ...mistakes });
    assert.equal(await program.exited, 78, script);
    await eventually(() => {
      const said = program.tail();
      for (const key of ['uploads.max_bytes', 'Unrecognized key', 'listen.port', 'homeservers[0].server_name']) assert.ok(said.includes(key), `${key} is missing:\n${said}`);
    });
  }));
});
