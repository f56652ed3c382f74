import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { Cluster } from '../crash/cluster.ts';
import { MedleyApi } from '../endpoints/medley/medley-api.ts';
import { assertError } from '../harness/expect.ts';
import type { MediaUser } from '../harness/media-user.ts';
import { embeddedStores } from '../harness/stores.ts';

const LIMIT = { timeout: 60_000 };
const MAX_BYTES = 100_000;
/** As long as a reservation lives, and time for its end to be seen. */
const LAPSED_WITHIN_MS = 20_000;

const cluster = await Cluster.start(embeddedStores(), {
  uploads: { max_pending: 0, max_duration: '6s' },
  quotas: { max_bytes: MAX_BYTES, info_uri: 'https://e2e.example/limits', reservation_lifetime: '7s' },
});
after(() => cluster[Symbol.asyncDispose]());
const { site } = cluster;

/** What counts against the user's quota, past the gateway. */
async function countedBytes({ account: { userId } }: MediaUser): Promise<number | undefined> {
  const { rpc, close } = site.connectMetadata();
  try {
    return (await rpc.getQuotaUse({ userId, windowsMs: [0] })).uses[0]?.bytes;
  } finally {
    close();
  }
}

/** What an admin's count of the records says. */
async function recordedBytes({ account: { userId } }: MediaUser): Promise<unknown> {
  return (await new MedleyApi(site).call('medleyGetUsage', { query: { user: userId } }))['media_bytes'];
}

describe('a quota, when processes die', () => {
  it('counts an upload whose gateway died before the record until its room lapses', LIMIT, async () => {
    const user = site.user();
    await user.upload(new Uint8Array(40_000));
    const armed = await cluster.arm('gateway.upload.stored', 'kill');
    await assert.rejects(user.tryUpload(new Uint8Array(50_000)));
    assert.ok(armed.isReached);
    assert.equal(await countedBytes(user), 90_000);
    await cluster.restart(['gateway']);
    await eventually(async () => assert.equal(await countedBytes(user), 40_000), LAPSED_WITHIN_MS, 100);
    assert.equal(await recordedBytes(user), 40_000);
    await user.upload(new Uint8Array(60_000));
  });

  it('counts an upload of which nobody knows whether it was recorded once, in the end', LIMIT, async () => {
    const user = site.user();
    const armed = await cluster.arm('metadata.commit.inserted', 'kill');
    const answer = await user.tryUpload(new Uint8Array(60_000));
    assertError(answer, 503, 'M_UNKNOWN');
    assert.ok(armed.isReached);
    await cluster.restart(['metadata']);
    await eventually(async () => assert.equal(await recordedBytes(user), 60_000));
    await eventually(async () => assert.equal(await countedBytes(user), 60_000), LAPSED_WITHIN_MS, 100);
    assertError(await user.tryUpload(new Uint8Array(40_001)), 403, 'M_USER_LIMIT_EXCEEDED');
    await user.upload(new Uint8Array(40_000));
  });
});
