import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { Bodies } from './crash/bodies.ts';
import { Client } from './crash/client.ts';
import { History } from './crash/history.ts';
import { Load } from './crash/load.ts';
import { PEACEFUL } from './crash/operations.ts';
import { Balancer } from './harness/balancer.ts';
import { repeatChunk } from './harness/bodies.ts';
import { errcodeOf, exchange } from './harness/exchange.ts';
import { uploadPath } from './harness/media-user.ts';
import { Random } from './harness/random.ts';
import { ReplicatedServices } from './harness/replicas.ts';
import { acquireRealStores, embeddedStores, type Stores } from './harness/stores.ts';

const ROUNDS = 2;
const GRACE_MS = 3000;
const CONFIG = { shutdown: { delay: '500ms', grace: `${GRACE_MS}ms` }, uploads: { max_pending: 0 } };
/** What a cluster waits before it goes on to the next process (`minReadySeconds`): longer than callers take to find the new one. */
const MIN_READY_MS = 2500;
const WORKERS = 5;
const SEED = 38;

/** A load by clients behind a balancer, and what came of it. */
interface Loaded extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly client: Client;
  readonly history: History;
  readonly load: Load;
}

async function startLoad(services: ReplicatedServices): Promise<Loaded> {
  await using stack = new AsyncDisposableStack();
  const balancer = stack.use(new Balancer(services.gateways));
  await eventually(() => assert.equal(balancer.readyCount, services.gateways.length));
  const random = new Random(SEED);
  const [history, bodies] = [new History(), new Bodies(random.fork(), 0)];
  const workers = Array.from({ length: WORKERS }, () => ({
    client: stack.use(new Client(services.site, { ask: (path, options) => balancer.ask(path, options) })), random: random.fork(), bodies, history,
  }));
  const [first] = workers;
  assert.ok(first);
  const load = new Load(workers, PEACEFUL);
  // Before anything else is closed; how it went was told before.
  stack.defer(() => load.stop().catch(() => {}));
  const owned = stack.move();
  return { balancer, client: first.client, history, load, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function restartEverything(services: ReplicatedServices, { balancer, load }: Loaded): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const replica of services.replicas) {
      tookMs.push(await services.restart(replica));
      await eventually(() => assert.equal(balancer.readyCount, services.gateways.length));
      await sleep(replica.service === 'gateway' ? 0 : MIN_READY_MS);
      load.check();
    }
  }
  return tookMs;
}

async function failsNobody(t: TestContext, stores: Stores): Promise<void> {
  await using services = await ReplicatedServices.start(stores, CONFIG);
  await using loaded = await startLoad(services);
  const { balancer, history, load } = loaded;
  const tookMs = await restartEverything(services, loaded);
  await load.stop();
  const { count, failures } = balancer.exchanges;
  t.diagnostic(`${tookMs.length} restarts, ${count} requests, ${failures.length} failed, ${history.acknowledgedCount} uploads; the slowest end took ${Math.max(...tookMs).toFixed(0)} ms`);
  assert.deepEqual([...failures, ...history.problems], [], `seed ${SEED}\n${balancer.notes.join('\n')}\n${history.excerpt()}\n${services.tail()}`);
  assert.ok(count > 500, `no load: ${count} requests`);
  await cutsWhoeverTakesLonger(services, loaded);
}

/** An upload that lasts longer than a gateway waits for it: it ends in an error, or in none, and leaves its media id pending. */
async function cutsWhoeverTakesLonger(services: ReplicatedServices, { client, balancer }: Loaded): Promise<void> {
  const [gateway] = services.replicas;
  const uri = await client.create();
  assert.ok(gateway && uri);
  const begun = Promise.withResolvers<void>();
  const body = repeatChunk(Buffer.alloc(1000, 'slow'), 1000, async (index) => {
    if (index === 5) begun.resolve();
    await sleep(50);
  });
  const uploading = exchange({ port: gateway.port, agent: services.site.agent }, uploadPath(uri), { method: 'PUT', token: client.token, body });
  await begun.promise;
  const tookMs = await services.restart(gateway);
  const answer = await uploading;
  assert.ok(answer.status === undefined || answer.status >= 400, `it got ${answer.status}`);
  assert.ok(tookMs > GRACE_MS && tookMs < 2 * GRACE_MS, `took ${tookMs} ms`);
  await eventually(() => assert.equal(balancer.readyCount, services.gateways.length));
  assert.equal(errcodeOf(await client.download(uri, { query: { timeout_ms: 0 } })), 'M_NOT_YET_UPLOADED');
}

it('restarting every process of every service fails no request on SQLite and a folder', { timeout: 240_000 }, (t) => failsNobody(t, embeddedStores()));

it('restarting every process of every service fails no request on MongoDB and S3', { timeout: 240_000 }, async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  if (stores !== undefined) await failsNobody(t, stores);
});
