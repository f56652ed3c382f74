import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTempDir } from '@medley/testing/temp-dir';
import { CHART } from './render.ts';

const MEDLEY = fileURLToPath(new URL('../../../apps/medley/src/main.ts', import.meta.url));
const TOKEN = 'the-token-of-the-test';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs what `helm test` runs. */
async function runRoundTrip(env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(process.execPath, [join(CHART, 'files/round-trip.mjs')], { env: { SERVER_NAME: 'example.org', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

describe('the script of helm test', () => {
  let folder: Awaited<ReturnType<typeof makeTempDir>>;
  let medley: ChildProcess;
  let gateway: string;
  let tokenFile: string;

  before(async () => {
    folder = await makeTempDir();
    tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, `${TOKEN}\n`);
    const homeservers = [{ server_name: 'example.org', static_tokens: [{ token: TOKEN, user_id: '@medley-helm-test:example.org' }] }, { server_name: 'other.example' }];
    const config = { homeservers, data_dir: join(folder.path, 'data'), listen: { port: 0 }, metrics: { port: 0 } };
    await writeFile(join(folder.path, 'medley.yaml'), JSON.stringify(config));
    medley = spawn(process.execPath, [MEDLEY, '--config', join(folder.path, 'medley.yaml')], { stdio: ['ignore', 'pipe', 'inherit'] });
    gateway = await readGateway(medley);
  });
  after(async () => {
    medley.kill('SIGTERM');
    await once(medley, 'close');
    await folder[Symbol.asyncDispose]();
  });

  test('uploads, downloads and makes smaller with a token', async () => {
    const { code, stdout, stderr } = await runRoundTrip({ GATEWAY: gateway, TOKEN_FILE: tokenFile });
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(stdout.match(/^good/gm)?.length, 5, stdout);
  });

  test('tries what a stranger sees without one', async () => {
    const { code, stdout } = await runRoundTrip({ GATEWAY: gateway });
    assert.equal(code, 0);
    assert.match(stdout, /^good {2}a stranger is asked for a token\nno token/);
  });

  test('fails with a token that is none', async () => {
    await writeFile(join(folder.path, 'wrong'), 'wrong');
    const { code, stdout } = await runRoundTrip({ GATEWAY: gateway, TOKEN_FILE: join(folder.path, 'wrong') });
    assert.equal(code, 1);
    assert.match(stdout, /BAD {3}an upload: got 401/);
  });

  test('fails where nobody answers, and where somebody answers who is no Medley', async () => {
    assert.equal((await runRoundTrip({ GATEWAY: 'http://127.0.0.1:1' })).code, 1);
    const other: Server = createServer((_request, response) => void response.end('{}')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { code, stdout } = await runRoundTrip({ GATEWAY: `http://127.0.0.1:${(other.address() as AddressInfo).port}` });
    other.close();
    assert.equal(code, 1);
    assert.match(stdout, /BAD {3}a stranger is asked for a token: got 200/);
  });
});

/** Where the gateway listens, as its process says once everything answers. */
async function readGateway(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const url = /"gateway":"(http:[^"]+)"/.exec(said)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`Medley has ended: ${said}`);
}
