import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DASHBOARDS } from '@medley/tool-observe/dashboards/generate';
import { startPrometheus, type Prometheus } from '@medley/tool-observe/prometheus';
import { eventually } from '@medley/testing/eventually';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { exercise } from './telemetry/exercise.ts';
import { metricsTargets, startObserved, type Observed } from './telemetry/observed.ts';

const SCRAPED_WITHIN_MS = 20_000;
/** What Grafana puts in, as it would for the last minutes. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [[/\$__rate_interval/g, '1m'], [/\$namespace/g, '.*']];

interface Watched extends AsyncDisposable {
  readonly observed: Observed;
  readonly prometheus: Prometheus;
}

await describeRealService('under a Prometheus', start, ({ observed, prometheus }) => {
  describe('six services', () => {
    it('are scraped without an error', async () => {
      await eventually(async () => assert.equal((await prometheus.query('count(medley_build_info)'))[0]?.value, 6), SCRAPED_WITHIN_MS);
      assert.deepEqual(await prometheus.scrapeErrors(), []);
    });

    it('fill every panel of every dashboard', async () => {
      // a rate needs two scrapes, and something that happened between them
      await exercise(observed);
      for (const { title, panel, expr } of DASHBOARDS.flatMap(({ title, panels }) => panels.flatMap((panel) => panel.queries.map(({ expr }) => ({ title, panel, expr }))))) {
        const query = VARIABLES.reduce((text, [variable, value]) => text.replaceAll(variable, value), expr);
        await eventually(async () => assert.ok((await prometheus.query(query)).length > 0, `${title} / ${panel.title}: ${query} is empty`), SCRAPED_WITHIN_MS);
      }
    });

    it('show traces as exemplars', async () => {
      await exercise(observed);
      await eventually(async () => assert.ok((await prometheus.exemplars('http_server_request_duration_bucket')) > 0), SCRAPED_WITHIN_MS);
    });
  });
});

async function start(): Promise<Watched | Unavailable> {
  await using stack = new AsyncDisposableStack();
  const observed = stack.use(await startObserved());
  await exercise(observed);
  const prometheus = await startPrometheus(metricsTargets(observed.site));
  if (isUnavailable(prometheus)) return prometheus;
  stack.use(prometheus);
  const owned = stack.move();
  return { observed, prometheus, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
