import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { findFreePorts } from '@medley/testing/free-ports';
import { startWeb } from '@medley/testing/scripted-web';
import { PREVIEW_URL } from './endpoints/url-preview.ts';
import { assertJson } from './harness/expect.ts';
import { call, type Answer, type Place } from './harness/http-call.ts';
import { startMain } from './harness/mains.ts';
import { ENDPOINT_CONFIG } from './harness/setup.ts';
import { Site } from './harness/site.ts';
import { stopProgram } from './harness/system.ts';

const site = await Site.open({ config: ENDPOINT_CONFIG });
after(() => site[Symbol.asyncDispose]());
const more = await findFreePorts(4);
const second = { http: more, gatewayMetrics: more + 1, previews: more + 2, previewsMetrics: more + 3 };
const previewers = [`127.0.0.1:${site.ports['url-preview']}`, `127.0.0.1:${second.previews}`];
// Each gateway lists them in an order of its own.
const [forwards, backwards] = [previewers, previewers.toReversed()].map((list) => ({ MEDLEY_GRPC__URL_PREVIEW: `ipv4:${list.join(',')}` }));
const secondPreviewer = { MEDLEY_GRPC__LISTEN: `127.0.0.1:${second.previews}`, MEDLEY_METRICS__PORT: String(second.previewsMetrics) };
const secondGateway = { ...backwards, MEDLEY_LISTEN__PORT: String(second.http), MEDLEY_METRICS__PORT: String(second.gatewayMetrics) };
for (const [service, env] of [
  ['metadata'], ['storage'], ['url-preview'], ['url-preview', secondPreviewer], ['gateway', forwards], ['gateway', secondGateway],
] as const) {
  const program = await startMain(site, service, env);
  after(() => stopProgram(program));
}
const gateways: readonly Place[] = [site.ports.http, second.http].map((port) => ({ port, agent: site.agent }));

it('visits each page once, whichever of the gateways asks whichever of the replicas', async () => {
  const paths = ['/1', '/2', '/3', '/4', '/5', '/6'];
  await using web = await startWeb(Object.fromEntries(paths.map((path) => [path, `<title>${path}</title>`])));
  const answers = paths.flatMap((path) => gateways.map((gateway) => ({ path, answer: preview(gateway, `${web.origin}${path}`) })));
  for (const { path, answer } of answers) assert.equal(assertJson(await answer)['og:title'], path);
  assert.equal(web.requests.length, paths.length);
});

function preview(gateway: Place, url: string): Promise<Answer> {
  return call(gateway, PREVIEW_URL, { query: { url }, token: site.user().account.token });
}
