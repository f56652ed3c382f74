import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { findFreePorts } from '@medley/testing/free-ports';
import { DrippingMedia } from './federation/dripping-media.ts';
import { largeFile, offer, REMOTE_CONFIG, startScene } from './federation/remote-scene.ts';
import { assertBytes } from './harness/expect.ts';
import { call, type Answer, type Place } from './harness/http-call.ts';
import { startMain } from './harness/mains.ts';
import { downloadPath } from './harness/media-user.ts';
import type { Program } from './harness/program.ts';
import { Site } from './harness/site.ts';
import { stopProgram } from './harness/system.ts';

const CALLERS = 20;
const MEDIA_COUNT = 6;

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());
const more = await findFreePorts(4);
const second = { http: more, gatewayMetrics: more + 1, fetch: more + 2, fetchMetrics: more + 3 };
const fetchers = [`127.0.0.1:${site.ports['federation-fetch']}`, `127.0.0.1:${second.fetch}`];
// Each gateway lists them in an order of its own.
const [forwards, backwards] = [fetchers, fetchers.toReversed()].map((list) => ({ MEDLEY_GRPC__FEDERATION_FETCH: `ipv4:${list.join(',')}` }));
await site.configure(REMOTE_CONFIG);
const secondFetch = { MEDLEY_GRPC__LISTEN: `127.0.0.1:${second.fetch}`, MEDLEY_METRICS__PORT: String(second.fetchMetrics) };
const secondGateway = { ...backwards, MEDLEY_LISTEN__PORT: String(second.http), MEDLEY_METRICS__PORT: String(second.gatewayMetrics) };
const programs: Program[] = [];
for (const [service, env] of [
  ['metadata'], ['storage'], ['federation-fetch'], ['federation-fetch', secondFetch], ['gateway', forwards], ['gateway', secondGateway],
] as const) {
  const program = await startMain(site, service, env);
  programs.push(program);
  after(() => (program.hasExited ? undefined : stopProgram(program)));
}
const scene = await startScene(site);
const gateways: readonly Place[] = [site.ports.http, second.http].map((port) => ({ port, agent: site.agent }));

it('fetches each media once, whichever of the gateways asks whichever of the replicas', async () => {
  const media = Array.from({ length: MEDIA_COUNT }, () => {
    const bytes = largeFile(1_000_000);
    const drip = new DrippingMedia({ bytes, tellsSize: true });
    return { bytes, drip, uri: offer(scene, drip.script) };
  });
  await Promise.all(media.map(async ({ bytes, drip, uri }) => {
    const asked = Array.from({ length: CALLERS }, (_, index) => ask(gateways[index % 2], downloadPath(uri)));
    await drip.sendUpTo(500_000);
    await drip.finish();
    for (const answer of await Promise.all(asked)) assertBytes(answer, bytes);
    assert.equal(drip.requestCount, 1);
  }));
});

it('goes on with the other replica when one is gone', async () => {
  const [, , , lost] = programs;
  lost?.kill();
  await lost?.exited;
  for (let index = 0; index < MEDIA_COUNT; index += 1) {
    const bytes = Buffer.from(`media ${index}`);
    assertBytes(await ask(gateways[index % 2], downloadPath(offer(scene, { bytes }))), bytes);
  }
});

function ask(place: Place | undefined, path: string): Promise<Answer> {
  assert.ok(place !== undefined);
  return call(place, path, { token: scene.user.account.token });
}
