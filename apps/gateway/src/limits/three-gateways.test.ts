import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { TokenBuckets } from '@medley/domain/token-buckets';
import { Replicas } from '@medley/grpc/replicas';
import { serveGrpc } from '@medley/grpc/server';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import type { TakePermitsRequest } from '@medley/proto/metadata/limits';
import { quietTelemetry } from '@medley/testing/telemetry';
import { withoutOthers } from '../gateway.fixture.ts';
import type { Bucket } from './lease.ts';
import { PermitSource } from './permit-source.ts';
import { SharedBuckets } from './shared-buckets.ts';

const STEP_MS = 5;
const TOLERANCE = 0.05;
const NEVER = new AbortController().signal;
const clock = { ms: 0 };

/** How many requests come to each of three gateways in a step. */
type Load = (step: number) => readonly [number, number, number];

describe('three gateways and two replicas of metadata, over gRPC', () => {
  const stack = new AsyncDisposableStack();
  let gateways: readonly SharedBuckets[] = [];
  before(async () => {
    const addresses = await Promise.all(['one', 'two'].map(async () => {
      const buckets = new TokenBuckets(() => clock.ms);
      const takePermits = async ({ claims }: TakePermitsRequest) => ({ grants: claims.map((claim) => buckets.take(claim)) });
      const implementation = withoutOthers(MetadataServiceDefinition, { takePermits });
      const server = await serveGrpc({ service: MetadataServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
      stack.defer(() => server.stop(0));
      return server.address;
    }));
    gateways = [addresses, addresses.toReversed(), addresses].map((some) => {
      const replicas = new Replicas(MetadataServiceDefinition, { address: `ipv4:${some.join(',')}` });
      stack.defer(() => replicas.close());
      return stack.use(new SharedBuckets(new PermitSource({ replicas, now: () => clock.ms, timeoutMs: 60_000, ...quietTelemetry() }), () => clock.ms));
    });
  });
  after(() => stack.disposeAsync());

  async function run(bucket: Bucket, load: Load, steps: number): Promise<number> {
    let admitted = 0;
    for (let step = 0; step < steps; step += 1) {
      const waits = await Promise.all(gateways.flatMap((gateway, index) => Array.from({ length: load(step)[index] ?? 0 }, () => gateway.spend(bucket, NEVER))));
      admitted += waits.filter((waitMs) => waitMs === 0).length;
      clock.ms += STEP_MS;
      if (step % 100 === 0) gateways.forEach((gateway) => gateway.tidy());
    }
    return admitted;
  }

  const loads: [string, Load][] = [
    ['the same load on each', () => [20, 20, 20]],
    ['all load on one', () => [60, 0, 0]],
    ['nearly all load on one', (step) => [step % 20 === 0 ? 1 : 0, 60, step % 31 === 0 ? 1 : 0]],
    ['load that goes around', (step) => [step % 3 === 0 ? 60 : 0, step % 3 === 1 ? 60 : 0, step % 3 === 2 ? 60 : 0]],
    ['load that comes to one after the other', (step) => [step < 60 ? 60 : 0, step >= 60 && step < 120 ? 60 : 0, step >= 120 ? 60 : 0]],
  ];
  const buckets = [{ name: 'small', perSecond: 10, burst: 50 }, { name: 'middle', perSecond: 100, burst: 1000 }, { name: 'fast', perSecond: 2000, burst: 200 }];

  for (const [what, load] of loads) {
    for (const { name, ...rates } of buckets) {
      it(`keep a limit of ${rates.perSecond} a second and ${rates.burst} at once within 5 % under ${what}`, async (t: TestContext) => {
        const bucket = { name: `${name} ${what}`, ...rates };
        const steps = 200;
        const cold = await run(bucket, load, steps) / (rates.burst + (rates.perSecond * (steps - 1) * STEP_MS) / 1000);
        const steady = await run(bucket, load, 2 * steps) / ((rates.perSecond * 2 * steps * STEP_MS) / 1000);
        t.diagnostic(`admitted of the limit: ${cold.toFixed(3)} from cold, ${steady.toFixed(3)} in steady state`);
        for (const ratio of [cold, steady]) assert.ok(Math.abs(ratio - 1) <= TOLERANCE, String(ratio));
      });
    }
  }
});
