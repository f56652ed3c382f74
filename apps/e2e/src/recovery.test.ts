import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { randomBody } from './harness/bodies.ts';
import { assertBytes, assertJson } from './harness/expect.ts';
import { readContentUri } from './harness/media-user.ts';
import { SERVICES, startSystem } from './harness/system.ts';

/** What “within seconds” means. */
const RECOVERED_WITHIN_MS = 10_000;
const SMALL = { width: 32, height: 32, method: 'crop' };

interface Acknowledged {
  readonly uri: MxcUri;
  readonly bytes: Buffer;
}

const system = await startSystem('services');
const { site, program } = system;
const user = site.user();
after(() => system[Symbol.asyncDispose]());

/** Uploads one after the other until told to stop; keeps what it was told is safe, and what went wrong. */
class Load {
  readonly acknowledged: Acknowledged[] = [];
  readonly statuses = new Set<number | string>();
  #isOver = false;
  readonly #done: Promise<void>;

  constructor() {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const bytes = randomBody(20_000 + this.acknowledged.length);
      try {
        const answer = await user.tryUpload(bytes);
        this.statuses.add(answer.status);
        if (answer.status === 200) this.acknowledged.push({ uri: readContentUri(answer), bytes });
      } catch (error) {
        // A connection that is refused or breaks off: what a client sees of a gateway that was killed.
        if (!(error instanceof Error) || !('code' in error)) throw error;
        this.statuses.add(String(error.code));
      }
      await sleep(20);
    }
  }
}

async function assertAllWorks(): Promise<void> {
  const pending = await user.create();
  assertJson(await user.put(pending, 'bytes'));
  assertBytes(await user.download(pending), Buffer.from('bytes'));
  const picture = await user.upload(paintPng(60 + Math.floor(Math.random() * 1000), 60));
  assert.equal((await user.thumbnail(picture, SMALL)).status, 200);
}

describe('a service that is killed is started again, and the others find it', () => {
  for (const service of SERVICES) {
    it(`${service}, under load, and nothing acknowledged is lost`, { timeout: 60_000 }, async (t) => {
      const load = new Load();
      await eventually(() => assert.ok(load.acknowledged.length >= 3));
      const [before] = program.pidsOf(service).slice(-1);
      process.kill(before ?? 0, 'SIGKILL');
      const killedAt = performance.now();
      await eventually(() => assert.notEqual(program.pidsOf(service).at(-1), before), RECOVERED_WITHIN_MS);
      await eventually(assertAllWorks, RECOVERED_WITHIN_MS);
      const recoveredMs = performance.now() - killedAt;
      await load.stop();
      const seen = `${load.acknowledged.length} uploads; seen: ${[...load.statuses].join(', ')}`;
      t.diagnostic(`${service}: all worked again after ${recoveredMs.toFixed(0)} ms; ${seen}`);
      assert.ok(recoveredMs < RECOVERED_WITHIN_MS, `took ${recoveredMs} ms`);
      for (const { uri, bytes } of load.acknowledged) assertBytes(await user.download(uri), bytes);
    });
  }
});
