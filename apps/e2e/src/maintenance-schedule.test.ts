import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { randomBody } from './harness/bodies.ts';
import { assertBytes, assertError } from './harness/expect.ts';
import { startSystem } from './harness/system.ts';
import { bytesOf, digestOf } from './maintenance/bytes-on-disk.ts';
import { MAINTENANCE_CONFIG } from './maintenance/config.ts';

const often = { ...MAINTENANCE_CONFIG.maintenance, orphan_grace: '1h', staging_grace: '1h', sweep_interval: '150ms', scrub_interval: '400ms' };
const DUE = 'application/x-due';
const retention = { interval: '150ms', rules: [{ name: 'due', kind: 'local', older_than: '1ms', content_type: DUE }] };
const system = await startSystem('one-process', { config: { maintenance: often, retention } });
const { site, program } = system;
const user = site.user();
const disk = bytesOf(site);
after(() => system[Symbol.asyncDispose]());

async function readMetric(line: RegExp): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${site.ports.metrics}/metrics`)).text();
  return Number(line.exec(text)?.[1] ?? Number.NaN);
}

it('one process that runs everything sweeps by itself, leaves media alone, and counts what it freed', { timeout: 60_000 }, async () => {
  const [kept, orphan] = [randomBody(2000), randomBody(3000)];
  const [uri, digest] = [await user.upload(kept), digestOf(orphan)];
  const path = join(site.dataFolder, 'blobs', 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, orphan);
  await utimes(path, 1, 1);
  await eventually(async () => assert.ok(!(await disk.names()).some((name) => name.includes(digest))));
  await eventually(async () => assert.ok(await readMetric(/^medley_maintenance_freed_bytes_total\S* (\d+)/m) >= orphan.byteLength));
  assert.ok(await readMetric(/^medley_maintenance_removed_blobs_total\S* (\d+)/m) >= 1);
  assert.ok(program.logs.some((line) => line['job'] === 'sweep' && line['msg'] === 'maintenance done' && line['level'] === 'info'));
  assertBytes(await user.download(uri), kept);
});

it('it applies the rules of retention by itself, and counts what they took', { timeout: 60_000 }, async () => {
  const [due, kept] = [await user.upload(randomBody(1000), { type: DUE }), await user.upload(randomBody(1000))];
  await eventually(async () => assertError(await user.download(due), 404, 'M_NOT_FOUND'));
  await eventually(async () => assert.equal(await readMetric(/^medley_maintenance_retired_bytes_total\{rule="due"\S* (\d+)/m), 1000));
  assert.ok(await readMetric(/^medley_maintenance_last_success\S*\{job="retention"\S* ([\d.]+)/m) > 0);
  assert.equal((await user.download(kept)).status, 200);
});

it('it scrubs by itself, and says of lost media in the log and in the metrics', { timeout: 60_000 }, async () => {
  const lost = randomBody(1000);
  await user.upload(lost);
  await disk.lose(digestOf(lost));
  const line = await eventually(() => {
    const found = program.logs.find(({ msg }) => msg === 'media is lost or damaged');
    assert.ok(found !== undefined, program.tail());
    return found;
  });
  assert.deepEqual([line['level'], line['service'], line['dangling']], ['error', 'maintenance', 1]);
  assert.ok(JSON.stringify(line['findings']).includes(digestOf(lost)));
  assert.equal(await eventually(() => readMetric(/^medley_maintenance_damaged\{kind="dangling"\S* (\d+)/m)), 1);
  const told = await readMetric(/^medley_maintenance_last_success\S*\{job="scrub"\S* ([\d.]+)/m);
  assert.ok(Math.abs(told - Date.now() / 1000) < 60, String(told));
});
