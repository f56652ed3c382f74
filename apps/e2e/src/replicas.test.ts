import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { call } from './harness/http-call.ts';
import { downloadPath } from './harness/media-user.ts';
import { acquireRealStores, embeddedStores } from './harness/stores.ts';
import { startReplicas, type Replicas } from './harness/two-gateways.ts';

const ROUNDS = 5;
/** How soon every replica must know of a quarantine or a deletion. */
const BITES_WITHIN_MS = 2000;
const WOKEN_WITHIN_MS = 1000;

function wakesAcrossReplicas({ site, secondPort }: Replicas): void {
  it('a download that waits at one replica is woken by the upload at the other', async (t: TestContext) => {
    const user = site.user();
    const second = { port: secondPort, agent: site.agent };
    const tookMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const pending = await user.create();
      const asked = call(second, downloadPath(pending), { token: user.account.token, query: { timeout_ms: 10_000 } });
      const waiting = asked.then((answer) => ({ answer, at: performance.now() }));
      // Long enough that it waits; if it does not, nothing is measured wrongly, only less.
      await sleep(150 + round * 37);
      assert.equal((await user.put(pending, `round ${round}`)).status, 200);
      const committedAt = performance.now();
      const { answer, at } = await waiting;
      assert.equal(answer.body.toString(), `round ${round}`);
      tookMs.push(at - committedAt);
    }
    t.diagnostic(`woken after ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.ok(Math.max(...tookMs) < WOKEN_WITHIN_MS, tookMs.join());
  });

  it('what is uploaded at one replica is at the other', async () => {
    const user = site.user();
    const uri = await user.upload('bytes');
    const answer = await call({ port: secondPort, agent: site.agent }, downloadPath(uri), { token: user.account.token });
    assert.equal(answer.body.toString(), 'bytes');
  });

  it('of two uploads to one id, one at each replica, exactly one wins', async () => {
    const user = site.user();
    for (let round = 0; round < ROUNDS; round += 1) {
      const pending = await user.create();
      const path = `/_matrix/media/v3/upload/${pending.origin}/${pending.mediaId}`;
      const elsewhere = call({ port: secondPort, agent: site.agent }, path, { method: 'PUT', token: user.account.token, body: 'there' });
      const statuses = (await Promise.all([user.put(pending, 'here'), elsewhere])).map((answer) => answer.status);
      assert.deepEqual(statuses.toSorted(), [200, 409]);
    }
  });
}

/** Changes made at the first replica's metadata, seen at both gateways; each holds what it has answered before. */
function tellsAllReplicas({ site, secondPort }: Replicas): void {
  const places = [site.ports.http, secondPort].map((port) => ({ port, agent: site.agent }));

  async function untilAll(uri: MxcUri, token: string, status: number): Promise<number> {
    const startedAt = performance.now();
    await eventually(async () => {
      const answers = await Promise.all(places.map((place) => call(place, downloadPath(uri), { token })));
      assert.deepEqual(answers.map((answer) => answer.status), [status, status]);
    }, BITES_WITHIN_MS, 10);
    return performance.now() - startedAt;
  }

  it('a quarantine, its end and a deletion at one replica bite at every other within 2 s', async (t: TestContext) => {
    const { rpc, close } = site.connectMetadata();
    const user = site.user();
    const { token } = user.account;
    const [uri, copy] = [await user.upload('the same bytes'), await user.upload('the same bytes')];
    const act = { digests: [], by: '@admin:e2e.example' };
    const tookMs: number[] = [];
    try {
      for (const media of [uri, copy, uri, copy]) await untilAll(media, token, 200);
      await rpc.setQuarantine({ ...act, keys: [{ ...uri }], quarantined: true });
      for (const media of [uri, copy]) tookMs.push(await untilAll(media, token, 404));
      await rpc.setQuarantine({ ...act, keys: [{ ...uri }], quarantined: false });
      for (const media of [uri, copy]) tookMs.push(await untilAll(media, token, 200));
      await rpc.deleteMedia({ keys: [{ ...uri }], by: act.by });
      tookMs.push(await untilAll(uri, token, 404));
      await untilAll(copy, token, 200);
    } finally {
      close();
    }
    t.diagnostic(`known everywhere after ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  });
}

const embedded = await startReplicas(embeddedStores());
describe('two replicas over one SQLite file', () => {
  after(() => embedded[Symbol.asyncDispose]());
  wakesAcrossReplicas(embedded);
  tellsAllReplicas(embedded);
});

await describeRealService('two replicas over one MongoDB', startOnRealStores, (replicas) => {
  wakesAcrossReplicas(replicas);
  tellsAllReplicas(replicas);
});

async function startOnRealStores(): Promise<Replicas | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startReplicas(stores);
}
