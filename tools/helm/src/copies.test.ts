import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { CHART } from './render.ts';

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));
/** Helm reads no file outside of a chart, so these are there twice. */
const COPIES = [
  { from: `${DEPLOY}grafana/`, to: `${CHART}files/dashboards/`, suffix: '.json' },
  { from: `${DEPLOY}prometheus/`, to: `${CHART}files/rules/`, suffix: '.rules.yaml' },
];

async function listFiles(folder: string, suffix: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(suffix)).toSorted();
}

for (const { from, to, suffix } of COPIES) {
  test(`the chart holds the files of ${from.slice(DEPLOY.length)}, byte for byte`, async () => {
    const files = await listFiles(from, suffix);
    assert.deepEqual(await listFiles(to, suffix), files, `cp ${from}*${suffix} ${to}`);
    for (const file of files) assert.ok((await readFile(`${from}${file}`)).equals(await readFile(`${to}${file}`)), `${file} differs`);
  });
}
