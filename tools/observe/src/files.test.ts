import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTempDir } from '@medley/testing/temp-dir';
import { isUnavailable } from '@medley/tool-real-services/unavailable';
import { DASHBOARDS, madeFiles, RULES } from './dashboards/generate.ts';
import { runPromtool } from './prometheus.ts';
import { readRules } from './rules.ts';

const HOW_TO = fileURLToPath(new URL('../../../docs/how-to/observe.md', import.meta.url));
const UNIT_TESTS = fileURLToPath(new URL('./rules.fixture.yaml', import.meta.url));

it('finds the dashboards and the copies of the chart as they are made (node tools/observe/src/dashboards/generate.ts)', async () => {
  for (const { path, text } of await madeFiles()) assert.equal(await readFile(path, 'utf8'), text, path);
});

it('gives every panel a title of its own, words about it and a place of its own', () => {
  for (const { title, panels } of DASHBOARDS) {
    assert.equal(new Set(panels.map((panel) => panel.title)).size, panels.length, title);
    for (const panel of panels) assert.ok(panel.description !== '' && panel.queries.length > 0, panel.title);
  }
});

describe('the alerts', () => {
  it('say what is wrong, how bad it is, and where to read on', async () => {
    const anchors = new Set([...(await readFile(HOW_TO, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => toAnchor(heading)));
    const alerts = (await readRules()).filter(({ alert }) => alert !== undefined);
    assert.ok(alerts.length > 15);
    for (const { alert = '', labels = {}, annotations = {} } of alerts) {
      assert.match(alert, /^Medley[A-Z]/);
      assert.match(labels['severity'] ?? '', /^(critical|warning|info)$/, alert);
      assert.ok(annotations['summary'] && annotations['description'], alert);
      const [page, anchor = ''] = (annotations['runbook_url'] ?? '').split('#');
      assert.equal(page, 'docs/how-to/observe.md', alert);
      assert.ok(anchors.has(anchor), `${alert}: there is no heading for #${anchor}`);
    }
  });

  it('are rules as Prometheus reads them', (t) => promtool(t, ['check', 'rules', '--lint-fatal', RULES]));

  it('fire when they should, and only then', async (t) => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'tests.yaml');
    await writeFile(path, (await readFile(UNIT_TESTS, 'utf8')).replace('[RULES]', JSON.stringify([RULES])));
    await promtool(t, ['test', 'rules', path]);
  });
});

async function promtool(t: TestContext, args: readonly string[]): Promise<void> {
  const ended = await runPromtool(args, '/');
  if (!isUnavailable(ended)) return assert.equal(ended.code, 0, ended.said);
  assert.notEqual(process.env['MEDLEY_REQUIRE_REAL_SERVICES'], '1', ended.unavailable);
  t.skip(ended.unavailable);
}

/** As GitHub and GitLab make them. */
function toAnchor(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-');
}
