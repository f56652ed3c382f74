import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { describeRealService } from '@medley/tool-real-services/skip';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { startFaultySystem } from './harness/faulty-system.ts';
import type { Answer } from './harness/http-call.ts';

const CHUNK = randomBody(2 ** 20);
/** More than one part of a multipart upload, so that the store has some of it already. */
const CHUNKS = 40;
const IN_TIME_MS = 40_000;

await describeRealService('a store that fails', startFaultySystem, ({ system: { site }, servers }) => {
  const { database: mongodb, objects: s3 } = servers;
  const user = site.user();

  it('in the middle of an upload: the client is told, the id stays pending, and the next attempt works', { timeout: 120_000 }, async () => {
    const pending = await user.create();
    const failing = user.put(pending, repeatChunk(CHUNK, CHUNKS, (index) => (index === CHUNKS / 2 ? s3.stop('SIGKILL') : undefined)));
    assertDown(await failing);
    assertDown(await user.tryUpload(CHUNK));
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    await s3.start();
    await eventually(async () => assertJson(await user.put(pending, CHUNK)), IN_TIME_MS);
    assertBytes(await user.download(pending), CHUNK);
  });

  it('while records are asked for: clients are told, and all is there again afterwards', { timeout: 120_000 }, async () => {
    const uri = await user.upload(CHUNK);
    const pending = await user.create();
    await mongodb.stop('SIGKILL');
    for (const answer of await Promise.all([user.tryCreate(), user.put(pending, CHUNK), user.tryUpload('bytes')])) assertDown(answer);
    assertJson(await user.call('/_matrix/client/v1/media/config'));
    await mongodb.start();
    await eventually(async () => assertJson(await user.put(pending, 'bytes')), IN_TIME_MS);
    assertBytes(await user.download(uri), CHUNK);
  });
});

function assertDown(answer: Answer): void {
  assert.ok(answer.status === 503 || answer.status === 504, `got ${answer.status} ${answer.body}`);
  assertError(answer, answer.status, 'M_UNKNOWN');
  assert.ok(answer.tookMs < IN_TIME_MS, `took ${answer.tookMs} ms`);
}
