import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaState } from '@medley/proto/metadata/media';
import { VerdictState } from '@medley/proto/metadata/verdicts';
import { useService } from '../one-service.fixture.ts';
import { because, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { reserve } from '../running-service.fixture.ts';

describe('verdicts by RPC', () => {
  const client = useService();
  const say = (digest: string, state: VerdictState) => client.rpc.putVerdict({ verdict: { digest, state, finding: 'what', scanner: 'one', atMs: 0 } });
  const upload = async (digest: string, awaitsVerdict: boolean) => {
    const { record } = await client.rpc.recordUpload({ origin: ORIGIN, userId: someone(), content: { ...ownContent(), digest }, awaitsVerdict });
    return record?.key ?? assert.fail('a record has a key');
  };

  test('are kept, found and listed', async () => {
    const { digest } = ownContent();
    assert.equal((await client.rpc.getVerdict({ digest })).verdict, undefined);
    const { verdict } = await say(digest, VerdictState.REJECTED);
    assert.ok(Math.abs((verdict?.atMs ?? 0) - Date.now()) < 60_000);
    assert.deepEqual((await client.rpc.getVerdict({ digest })).verdict, verdict);
    assert.deepEqual((await client.rpc.listVerdicts({ state: VerdictState.REJECTED, limit: 10 })).verdicts, [verdict]);
    assert.deepEqual((await client.rpc.listVerdicts({ state: VerdictState.REJECTED, limit: 10, afterDigest: digest })).verdicts, []);
  });

  test('media that awaits one is pending to whoever looks it up, also to those who look up many', async () => {
    const { digest } = ownContent();
    const [awaiting, other] = [await upload(digest, true), await upload(digest, false)];
    await assert.rejects(client.rpc.resolveMedia({ key: awaiting, waitMs: 0 }), because('NOT_YET_UPLOADED'));
    const { results } = await client.rpc.batchGetMedia({ keys: [awaiting, other] });
    assert.deepEqual(results.map(({ record }) => [record?.state, record?.content?.digest]), [[MediaState.PENDING, undefined], [MediaState.AVAILABLE, digest]]);
    assert.equal(results[0]?.record?.unusedExpiresAtMs, undefined);
    assert.equal((await client.rpc.resolveMedia({ key: other, waitMs: 0 })).record?.state, MediaState.AVAILABLE);
  });

  test('that bytes are to be examined lets nobody have media that awaits a judgement; each judgement does', async () => {
    for (const state of [VerdictState.CLEAN, VerdictState.REJECTED, VerdictState.PASSED]) {
      const { digest } = ownContent();
      const key = await upload(digest, true);
      await say(digest, VerdictState.PENDING);
      await assert.rejects(client.rpc.resolveMedia({ key, waitMs: 50 }), because('NOT_YET_UPLOADED'));
      await say(digest, state);
      assert.equal((await client.rpc.resolveMedia({ key, waitMs: 0 })).record?.content?.digest, digest);
    }
  });

  test('whoever waits for media is not woken by its upload but by the verdict', async () => {
    const { digest } = ownContent();
    const userId = someone();
    const key = await reserve(client, userId);
    let isAnswered = false;
    const waiting = client.rpc.resolveMedia({ key, waitMs: 8000 }).finally(() => (isAnswered = true));
    await client.rpc.commitUpload({ key, userId, content: { ...ownContent(), digest }, awaitsVerdict: true });
    await assert.rejects(client.rpc.resolveMedia({ key, waitMs: 100 }), because('NOT_YET_UPLOADED'));
    assert.equal(isAnswered, false);
    await say(digest, VerdictState.CLEAN);
    assert.equal((await waiting).record?.content?.digest, digest);
  });

  test('whoever uploads media that awaits a verdict is told its name, and nothing of its bytes', async () => {
    const userId = someone();
    const upload = { userId, content: ownContent(), awaitsVerdict: true };
    const key = await reserve(client, userId);
    for (const { record } of [await client.rpc.recordUpload({ origin: ORIGIN, ...upload }), await client.rpc.commitUpload({ key, ...upload })]) {
      assert.deepEqual([record?.state, record?.content, record?.key?.origin], [MediaState.PENDING, undefined, ORIGIN]);
    }
  });

  test('media that awaits a verdict can’t be uploaded to again', async () => {
    const userId = someone();
    const key = await reserve(client, userId);
    await client.rpc.commitUpload({ key, userId, content: ownContent(), awaitsVerdict: true });
    await assert.rejects(client.rpc.claimUpload({ key, userId, claimMs: 1000 }), because('CANNOT_OVERWRITE'));
  });

  test('bytes that are gone leave the list of those to be examined', async () => {
    const { digest } = ownContent();
    assert.equal((await say(digest, VerdictState.PENDING)).verdict?.state, VerdictState.PENDING);
    assert.deepEqual(await say(digest, VerdictState.WITHDRAWN), { verdict: undefined });
    assert.equal((await client.rpc.listVerdicts({ state: VerdictState.PENDING, limit: 1000 })).verdicts.some((verdict) => verdict.digest === digest), false);
  });

  test('that say nothing are refused', async () => {
    const { digest } = ownContent();
    const verdict = { digest, state: VerdictState.CLEAN, finding: '', scanner: '', atMs: 0 };
    const bad = [undefined, { ...verdict, digest: 'x' }, { ...verdict, state: VerdictState.UNSPECIFIED }, { ...verdict, finding: 'x'.repeat(1001) }];
    for (const one of bad) await assert.rejects(client.rpc.putVerdict({ verdict: one }), because('INVALID_PARAM'));
    await assert.rejects(client.rpc.listVerdicts({ state: VerdictState.CLEAN, limit: 0 }), because('INVALID_PARAM'));
    await assert.rejects(client.rpc.listVerdicts({ state: VerdictState.UNSPECIFIED, limit: 1 }), because('INVALID_PARAM'));
    await assert.rejects(client.rpc.getVerdict({ digest: '' }), because('INVALID_PARAM'));
  });
});
