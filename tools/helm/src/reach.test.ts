import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRealService } from '@medley/tool-real-services/skip';
import { type End, Network, OWN_NAMESPACE } from './network.ts';
import { acquirePrograms } from './programs.ts';
import { parseObjects, renderText, valuesOf } from './render.ts';

const podIn = (namespace: string, labels: Readonly<Record<string, string>> = { app: 'something' }): End => ({ labels, namespace: { 'kubernetes.io/metadata.name': namespace } });

await describeRealService('what NetworkPolicies open to what lies outside of the chart', acquirePrograms, ({ helm3 }) => {
  async function networkOf(name: string, ...set: readonly string[]): Promise<Network> {
    return new Network(parseObjects(await renderText(helm3, ['--values', valuesOf(name), ...set.flatMap((one) => ['--set', one])])));
  }

  test('the content scanner reaches clamd at its port, and nothing else; nobody else does', async () => {
    const network = await networkOf('content-scanner');
    const scanner = network.pods('content-scanner');
    assert.deepEqual([podIn('antivirus'), podIn('elsewhere'), { address: '93.184.216.34' }].map((to) => network.allows(scanner, to, 3310)), [true, false, false]);
    assert.equal(network.allows(scanner, podIn('antivirus'), 443), false);
    const others = network.components.filter((one) => one !== 'content-scanner' && network.allows(network.pods(one), podIn('antivirus'), 3310));
    assert.deepEqual(others, []);
  });

  test('a clamd behind a socket opens nothing', async () => {
    const network = await networkOf('content-scanner', 'contentScanner.clamav.address=unix:///run/clamd.sock');
    assert.equal(network.allows(network.pods('content-scanner'), podIn('antivirus'), 3310), false);
  });

  for (const [url, namespace] of [
    ['http://ess-synapse:8008', 'media'], ['http://synapse.media:8008', 'media'], ['http://synapse.media.svc:8008', 'media'],
    ['http://synapse.matrix.svc:8008', 'matrix'], ['https://Synapse.matrix.svc.cluster.local.', 'matrix'], ['http://pod-0.synapse.matrix.svc.cluster.local:8008', 'matrix'],
  ] as const) {
    test(`the gateway reaches a homeserver at ${url}`, async () => {
      const network = await networkOf('minimal', `homeserver.clientApi=${url}`);
      const reached = ['media', 'matrix', 'elsewhere'].filter((one) => network.allows(network.pods('gateway'), one === 'media' ? { labels: { app: 'synapse' }, namespace: OWN_NAMESPACE } : podIn(one), 8008));
      assert.deepEqual(reached, namespace === 'media' ? ['media'] : ['media', namespace]);
      assert.equal(network.allows(network.pods('gateway'), podIn('matrix', { 'app.kubernetes.io/part-of': 'medley' }), 50_051), false);
    });
  }
});
