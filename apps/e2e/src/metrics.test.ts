import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { METHODS } from 'node:http';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DASHBOARDS } from '@medley/tool-observe/dashboards/generate';
import { missingNames } from '@medley/tool-observe/query-names';
import { readRules } from '@medley/tool-observe/rules';
import { metricNames, readSeries, type Series } from '@medley/tool-observe/series';
import { send } from './harness/http-call.ts';
import { exercise } from './telemetry/exercise.ts';
import { metricsTargets, scrape, startObserved } from './telemetry/observed.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE = join(ROOT, 'docs/reference/metrics.md');
/** The metrics that not every Medley has stand in the page behind this heading. */
const CONDITIONAL = '## Only where there is something to show';
const MAX_SERIES = 2000;

// without limits, so that all that is asked for goes as far as it can
const observed = await startObserved({ config: { rate_limits: { enabled: false } } });
after(() => observed[Symbol.asyncDispose]());
const { site } = observed;
await exercise(observed);

async function scrapeAll(): Promise<Readonly<Record<string, readonly Series[]>>> {
  return Object.fromEntries(await Promise.all(Object.entries(metricsTargets(site)).map(async ([name, target]) => [name, readSeries(await scrape(target))])));
}

describe('the metrics of the six services', () => {
  it('are those that the reference names, and the other way round', async () => {
    const [always = '', sometimes = ''] = (await readFile(PAGE, 'utf8')).split(CONDITIONAL);
    const named = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name));
    const shown = metricNames(Object.values(await scrapeAll()).flat());
    assert.deepEqual([...named(always)].filter((name) => !shown.has(name)), [], 'named, but not shown');
    assert.deepEqual([...shown].filter((name) => !named(always).has(name) && !named(sometimes).has(name)), [], 'shown, but not named');
  });

  it('are in the reference only if somebody shows them', async () => {
    const [, sometimes = ''] = (await readFile(PAGE, 'utf8')).split(CONDITIONAL);
    const sources = await Array.fromAsync(glob('{apps,libs}/*/src/**/*.ts', { cwd: ROOT }), (path) => readFile(join(ROOT, path), 'utf8'));
    const code = sources.join('\n').replaceAll('.', '_');
    const names = [...sometimes.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    assert.ok(names.length > 5);
    for (const name of names) assert.ok(code.includes(`'${name.replace(/_total$/, '')}'`), name);
  });

  it('have all names and labels that the dashboards and the alerts ask for', async () => {
    const [, sometimes = ''] = (await readFile(PAGE, 'utf8')).split(CONDITIONAL);
    const shown = Object.values(await scrapeAll()).flat();
    for (const { title, panels } of DASHBOARDS) {
      for (const { expr } of panels.flatMap(({ queries }) => queries)) assert.deepEqual(missingNames(expr, shown), [], `${title}: ${expr}`);
    }
    for (const { alert, record, expr } of await readRules()) {
      const missing = missingNames(expr, shown).filter((name) => !sometimes.includes(`\`${name.replace(/\{.*/, '')}\``));
      assert.deepEqual(missing, [], `${alert ?? record}: ${expr}`);
    }
  });

  it('are few, whatever strangers ask for', async () => {
    const countAll = async () => Object.entries(await scrapeAll()).map(([name, series]) => [name, series.length] as const);
    await askForNonsense(200, 'before');
    const before = new Map(await countAll());
    await askForNonsense(10_000, 'after');
    for (const [name, count] of await countAll()) {
      assert.ok(count < MAX_SERIES, `${name} has ${count} series`);
      // a status or an outcome that nobody had before is new once
      assert.ok(count <= (before.get(name) ?? 0) + 100, `${name} had ${before.get(name)} series and has ${count}`);
    }
  });
});

/** As many servers, paths, media ids and users that do not exist, by every method that Node knows. */
async function askForNonsense(count: number, seed: string): Promise<void> {
  const { token } = site.user().account;
  const methods = METHODS.filter((method) => method !== 'CONNECT');
  const ask = async (index: number): Promise<void> => {
    const paths = [
      `/_matrix/media/v3/download/${seed}${index}.example/id${index}?allow_remote=false`,
      `/_matrix/media/v3/thumbnail/${seed}${index}.example/id${index}?width=9&height=9&allow_remote=false`,
      // an address that is refused at once, so that nobody waits for DNS
      `/_matrix/client/v1/media/download/10.1.${index >> 8}.${index % 256}/id`, `/${seed}/${index}`, `/_matrix/client/v1/media/${seed}${index}`, `/_synapse/admin/v1/users/@${seed}${index}:x.example/media`,
    ];
    const method = index % 3 === 0 ? (methods[index % methods.length] ?? 'GET') : 'GET';
    const answer = await send({ port: site.ports.http, agent: site.agent }, paths[index % paths.length] ?? '/', { method, token, headers: { 'x-forwarded-for': `10.0.${index % 256}.1` } });
    await buffer(answer);
  };
  for (let first = 0; first < count; first += 50) await Promise.all(Array.from({ length: 50 }, (_, offset) => ask(first + offset)));
}
