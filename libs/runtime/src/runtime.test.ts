import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createMetrics } from '@medley/telemetry/metrics';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { serveHealth } from './health-server.ts';
import { Readiness } from './readiness.ts';
import type { RunningService } from './running-service.ts';

const FIXTURE = new URL('./process.fixture.ts', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function run(args: readonly string[], onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}): Promise<Ended> {
  const child = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput(output, (signal) => child.kill(signal));
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

describe('a service process', () => {
  it('exits with 78 and names every mistake of its configuration', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'medley.yaml');
    await writeFile(path, 'homeservers: [{ server_name: "!" }]\nuploads: { max_bytes: big }\n');
    const { code, output } = await run(['--config', path]);
    assert.equal(code, 78);
    assert.match(output, /homeservers\[0\]\.server_name/);
    assert.match(output, /uploads\.max_bytes/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in order on ${signal} and exits with 0`, async () => {
      await using folder = await makeTempDir();
      const path = join(folder.path, 'medley.yaml');
      await writeFile(path, 'homeservers: [{ server_name: example.org }]\nmetrics: { port: 0 }\n');
      const { code, output } = await run(['--config', path], (text, kill) => {
        if (text.includes('"started"') && !text.includes('"stopping"')) kill(signal);
      });
      assert.equal(code, 0);
      assert.match(output, /"stopping"[\s\S]*"stopped"/);
      assert.match(output, /fixture stopped/);
    });
  }

  it('goes on for a while after it said that it goes away', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'medley.yaml');
    await writeFile(path, 'homeservers: [{ server_name: example.org }]\nmetrics: { port: 0 }\nshutdown: { delay: 700ms }\n');
    let announcedAt = 0;
    let ready: Promise<string> | undefined;
    const { code, output } = await run(['--config', path], (text, kill) => {
      const health = /"health":"([^"]+)"/.exec(text)?.[1];
      if (health !== undefined && !text.includes('"stopping"')) kill('SIGTERM');
      if (announcedAt > 0 || !text.includes('fixture going away')) return;
      announcedAt = performance.now();
      ready = fetch(`http://${health}/readyz`).then((answer) => answer.text());
    });
    assert.equal(code, 0);
    assert.match((await ready) ?? '', /"stopping"/);
    assert.match(output, /fixture going away[\s\S]*fixture stopped/);
    assert.ok(performance.now() - announcedAt > 500, `stopped after ${performance.now() - announcedAt} ms`);
  });
});

describe('the health port', () => {
  it('is ready only while nothing is missing and it is not stopping', async () => {
    let missing: readonly string[] = ['storage'];
    const service: RunningService = { name: 'x', addresses: {}, readiness: async () => missing, stop: async () => {} };
    const health = await serveHealth({ host: '127.0.0.1', port: 0 }, createMetrics(), [service]);
    const get = async (path: string) => {
      const response = await fetch(`http://${health.address}${path}`);
      return { status: response.status, text: await response.text() };
    };
    assert.equal((await get('/readyz')).status, 503);
    assert.match((await get('/readyz')).text, /storage/);
    assert.equal((await get('/healthz')).status, 200);
    missing = [];
    assert.equal((await get('/readyz')).status, 200);
    health.drain();
    assert.match((await get('/readyz')).text, /stopping/);
    assert.equal((await get('/nothing')).status, 404);
    assert.equal((await get('/metrics')).status, 200);
    await health.close();
  });

  it('answers soon with what it knew last while a service is slow to say how it is', async () => {
    let answer: Promise<readonly string[]> = Promise.resolve(['storage']);
    const service: RunningService = { name: 'x', addresses: {}, readiness: () => answer, stop: async () => {} };
    const readiness = new Readiness([service]);
    assert.deepEqual(await readiness.ask(), ['storage']);
    const slow = Promise.withResolvers<readonly string[]>();
    answer = slow.promise;
    assert.deepEqual(await readiness.ask(), ['storage']);
    slow.resolve([]);
    assert.deepEqual(await eventually(async () => {
      const missing = await readiness.ask();
      assert.equal(missing.length, 0);
      return missing;
    }), []);
  });
});
