import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { findFreePorts } from '@medley/testing/free-ports';
import { call } from './harness/http-call.ts';
import { startMain } from './harness/mains.ts';
import { downloadPath } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { stopProgram } from './harness/system.ts';

const PER_SECOND = 50;
const BURST = 200;
const TOLERANCE = 0.05;
const FOR_MS = 4000;
/** Each has one request under way after the other. */
const CLIENTS_PER_GATEWAY = 4;
const CONFIG = '/_matrix/client/v1/media/config';

describe('three gateways and two replicas of metadata', () => {
  const stack = new AsyncDisposableStack();
  const agent = new Agent({ keepAlive: true });
  let site: Site;
  let ports: readonly number[] = [];
  /** Of whatever is started next. */
  let metricsPort = 0;

  before(async () => {
    const first = await findFreePorts(11);
    metricsPort = first + 5;
    const metadataPorts = [first, first + 1];
    const gatewayPorts = [first + 2, first + 3, first + 4];
    site = stack.use(await Site.open({
      config: {
        rate_limits: { other: { per_user: { per_second: PER_SECOND, burst: BURST } } },
        grpc: { metadata: `ipv4:${metadataPorts.map((port) => `127.0.0.1:${port}`).join(',')}` },
      },
    }));
    for (const port of metadataPorts) await start('metadata', { MEDLEY_GRPC__LISTEN: `127.0.0.1:${port}` });
    await start('storage');
    for (const port of gatewayPorts) await start('gateway', { MEDLEY_LISTEN__PORT: String(port) });
    ports = gatewayPorts;
    stack.defer(() => agent.destroy());
  });
  after(() => stack.disposeAsync());

  async function start(service: 'metadata' | 'storage' | 'gateway', env: NodeJS.ProcessEnv = {}): Promise<void> {
    const program = await startMain(site, service, { ...env, MEDLEY_METRICS__PORT: String(metricsPort) });
    metricsPort += 1;
    stack.defer(() => stopProgram(program));
  }

  /** How much of what one user may ask is answered, for some seconds from cold, by these gateways. */
  async function ratioOver(gateways: readonly number[], t: TestContext): Promise<number> {
    const { token } = site.user().account;
    // what counts as something else makes them know the token
    for (const port of gateways) await call({ port, agent }, downloadPath(parseMxcParts(site.serverName, 'none')), { token });
    const counts = { 200: 0, 429: 0 };
    const startedAt = performance.now();
    const clients = gateways.flatMap((port) => Array.from({ length: CLIENTS_PER_GATEWAY }, () => port));
    await Promise.all(clients.map(async (port) => {
      while (performance.now() - startedAt < FOR_MS) {
        const { status } = await call({ port, agent }, CONFIG, { token });
        assert.ok(status === 200 || status === 429, String(status));
        counts[status] += 1;
      }
    }));
    const limit = BURST + (PER_SECOND * (performance.now() - startedAt)) / 1000;
    assert.ok(counts[429] > 0, 'there was too little load to tell');
    t.diagnostic(`${counts[200]} of ${limit.toFixed(0)} admitted (${(counts[200] / limit).toFixed(3)}), ${counts[429]} refused`);
    return counts[200] / limit;
  }

  for (const count of [3, 1]) {
    it(`keep one user’s limit within 5 % where ${count} of them ${count === 1 ? 'is' : 'are'} asked`, async (t: TestContext) => {
      const ratio = await ratioOver(ports.slice(0, count), t);
      assert.ok(Math.abs(ratio - 1) <= TOLERANCE, String(ratio));
    });
  }
});
