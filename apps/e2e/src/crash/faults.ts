import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULT_POINTS, type FaultPoint } from '@medley/fault-points/fault-points';
import { eventually } from '@medley/testing/eventually';
import { SERVICES, type ServiceName } from '../harness/system.ts';
import type { Cluster } from './cluster.ts';
import { deleteMedia, upload, uploadLater, type Worker } from './operations.ts';

/** What can happen to a cluster under load; answers with how long it took until all was ready again, in milliseconds. */
export interface Fault {
  readonly name: string;
  readonly strike: (cluster: Cluster, worker: Worker) => Promise<number>;
}

/** The longest wait for a moment to strike. */
const MAX_DELAY_MS = 1500;
const ATTEMPTS = 12;
const REACHED_WITHIN_MS = 60_000;

/** A death at every named point. */
export const NAMED_FAULTS: readonly Fault[] = FAULT_POINTS.map((point) => ({
  name: point,
  strike: isReachedBySweep(point) ? (cluster, worker) => killInSweep(cluster, worker, point) : (cluster, worker) => killAt(cluster, worker, point),
}));

/** Deaths at any moment, and sweeps beside the load. */
export const CHANCE_FAULTS: readonly Fault[] = [
  ...SERVICES.map((service) => ({ name: `kill ${service}`, strike: (cluster: Cluster, worker: Worker) => killSoon(cluster, worker, [service]) })),
  { name: 'kill everything', strike: (cluster, worker) => killSoon(cluster, worker, SERVICES) },
  { name: 'sweep', strike: (cluster) => sweepBeside(cluster, '--connect') },
  { name: 'sweep with stores of its own', strike: (cluster) => sweepBeside(cluster, '--standalone') },
];

function isReachedBySweep(point: FaultPoint): boolean {
  return point.startsWith('sweep.') || point === 'storage.delete.halfway';
}

async function killSoon(cluster: Cluster, { random }: Worker, services: readonly ServiceName[]): Promise<number> {
  await sleep(random.between(0, MAX_DELAY_MS));
  return cluster.restart(services);
}

async function sweepBeside(cluster: Cluster, how: '--connect' | '--standalone'): Promise<number> {
  const { code, program } = await cluster.sweep(how);
  assert.equal(code, 0, `a sweep failed:\n${program.tail()}`);
  return 0;
}

/** Lets the service die at the point, which the load reaches by itself, and sooner with what is done here. */
async function killAt(cluster: Cluster, worker: Worker, point: FaultPoint): Promise<number> {
  const service = serviceOf(point);
  const armed = await cluster.arm(point, 'kill');
  const provoking = provoke(worker, point);
  await eventually(() => assert.ok(armed.isReached, `nobody came to ${point}`), REACHED_WITHIN_MS);
  await cluster.mains.running(service)?.exited;
  const tookMs = await cluster.restart([service]);
  await provoking;
  return tookMs;
}

function serviceOf(point: FaultPoint): ServiceName {
  const service = SERVICES.find((name) => point.startsWith(`${name}.`));
  if (service === undefined) throw new Error(`${point} is in no service`);
  return service;
}

async function provoke(worker: Worker, point: FaultPoint): Promise<void> {
  if (point === 'metadata.delete.decided') await deleteMedia(worker, await upload(worker, await worker.bodies.draw()));
  else await uploadLater(worker, await worker.bodies.drawMultipart());
}

/** Sweeps until a sweep, or what it asked for, has died at the point; there is something to sweep every time. */
async function killInSweep(cluster: Cluster, worker: Worker, point: FaultPoint): Promise<number> {
  const armed = await cluster.arm(point, 'kill');
  for (let attempt = 0; attempt < ATTEMPTS && !armed.isReached; attempt += 1) {
    await leaveGarbage(worker);
    const { code, program } = await cluster.sweep();
    assert.ok(code === 0 || armed.isReached, `a sweep failed:\n${program.tail()}`);
  }
  assert.ok(armed.isReached, `no sweep came to ${point}`);
  return point.startsWith('sweep.') ? 0 : cluster.restart([serviceOf(point)]);
}

/** A picture with a thumbnail, whose record is deleted then. */
async function leaveGarbage(worker: Worker): Promise<void> {
  const facts = await upload(worker, worker.bodies.drawPicture(), 'image/png');
  if (facts === undefined) return;
  await worker.client.thumbnail(facts.uri, 32);
  await deleteMedia(worker, facts);
}
