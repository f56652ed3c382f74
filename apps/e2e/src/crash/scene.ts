import assert from 'node:assert/strict';
import type { ArmedPoint } from '@medley/fault-points/arming';
import type { FaultPoint } from '@medley/fault-points/fault-points';
import { eventually } from '@medley/testing/eventually';
import { randomBody } from '../harness/bodies.ts';
import { KnownBody } from '../harness/known-body.ts';
import { Random } from '../harness/random.ts';
import { Bodies } from './bodies.ts';
import { check } from './checker.ts';
import { Client } from './client.ts';
import type { Cluster } from './cluster.ts';
import { History, type MediaFacts } from './history.ts';
import { failuresOf } from './is-good.ts';
import { deleteMedia, upload, type Worker } from './operations.ts';
import { viewStores } from './store-view.ts';

/** More than one part of a multipart upload, so that every fault point of an upload is on its way. */
const BODY_BYTES = 6 * 2 ** 20;
const ACKNOWLEDGED_WITHIN_MS = 15_000;

/** Work that was begun and now waits at a fault point. */
export interface Held<Result> {
  /** Lets it go on and waits for its end. */
  release(): Promise<Result>;
}

/** One body that several people upload, delete and sweep in an order that a test decides. */
export class Scene implements Disposable {
  readonly cluster: Cluster;
  readonly body: KnownBody;
  readonly worker: Worker;

  private constructor(cluster: Cluster, body: KnownBody) {
    this.cluster = cluster;
    this.body = body;
    const random = new Random(1);
    // Deletions bite at once where the test itself waits for them.
    this.worker = { client: new Client(cluster.site), random, bodies: new Bodies(random, 0), history: new History(0) };
  }

  static async open(cluster: Cluster): Promise<Scene> {
    return new Scene(cluster, await KnownBody.generate(randomBody(8).toString('hex'), BODY_BYTES));
  }

  /** Uploads the body; answers with `undefined` unless that was acknowledged. */
  upload(): Promise<MediaFacts | undefined> {
    return upload(this.worker, this.body);
  }

  /** Uploads the body until that is acknowledged: while its bytes are being removed a client is asked to come back. */
  uploadAtLast(): Promise<MediaFacts> {
    return eventually(async () => {
      const facts = await this.upload();
      assert.ok(facts, this.worker.history.excerpt());
      return facts;
    }, ACKNOWLEDGED_WITHIN_MS, 100);
  }

  delete(facts: MediaFacts): Promise<void> {
    return deleteMedia(this.worker, facts);
  }

  /** Leaves the bytes in storage, named by no record. */
  async leaveOrphan(): Promise<void> {
    await this.delete(await this.uploadAtLast());
  }

  /** Hides the bytes from everyone. */
  async quarantine(): Promise<void> {
    const done = this.worker.history.beginQuarantine(this.body.digest);
    await this.worker.client.admin.setQuarantine({ keys: [], digests: [this.body.digest], quarantined: true, by: 'a test' });
    done();
  }

  async sweep(times = 1): Promise<void> {
    for (let sweep = 1; sweep <= times; sweep += 1) {
      const { code, program } = await this.cluster.sweep();
      assert.equal(code, 0, program.tail());
    }
  }

  /** Begins `work` and waits until somebody gets to the point, where it stays until it is released. */
  async hold<Result>(point: FaultPoint, work: () => Promise<Result>): Promise<Held<Result>> {
    const armed: ArmedPoint = await this.cluster.arm(point, 'pause');
    const working = work();
    const ended = working.then(() => assert.ok(armed.isReached, `nobody came to ${point}`));
    await Promise.race([eventually(() => assert.ok(armed.isReached, `nobody came to ${point}`)), ended]);
    return {
      async release() {
        await armed.release();
        return working;
      },
    };
  }

  /** Sweeps twice and fails unless every promise was kept; answers with how many uploads were acknowledged. */
  async settle(): Promise<number> {
    const { client, history } = this.worker;
    await this.sweep(2);
    const verdict = await check({
      history,
      view: await viewStores(this.cluster.site),
      download: (facts) => client.download(facts.uri, { query: { timeout_ms: 0 } }),
      logs: [],
      secrets: [],
    });
    assert.deepEqual(failuresOf(verdict), {}, [...history.problems, history.excerpt(), this.cluster.tail()].join('\n'));
    return history.acknowledgedCount;
  }

  [Symbol.dispose](): void {
    this.worker.client[Symbol.dispose]();
  }
}
