import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { RawConnection } from '@medley/testing/raw-http';
import { randomBody, streamOf } from '../harness/bodies.ts';
import { assertError, assertJson } from '../harness/expect.ts';
import { call, type Answer } from '../harness/http-call.ts';
import type { MediaUser } from '../harness/media-user.ts';
import { requestHead } from '../harness/request-head.ts';
import { untilRequestEnded } from '../harness/requests-ended.ts';
import type { Config, Site } from '../harness/site.ts';
import type { Replicas } from '../harness/two-gateways.ts';

const MIB = 2 ** 20;
const INFO_URI = 'https://e2e.example/limits';
const UPLOAD = '/_matrix/media/v3/upload';
const SMALL_BYTES = 100_000;

/** Users by whose names one can tell what they may have. */
export const QUOTA_CONFIG: Config = {
  retention: { trash: 0 },
  quotas: { max_bytes: 10 * MIB, info_uri: INFO_URI, can_upgrade: true },
  policies: [
    { name: 'small', users: ['@small-*'], set: { quotas: { max_bytes: SMALL_BYTES, max_files: 3 } } },
    { name: 'daily', users: ['@daily-*'], set: { quotas: { max_bytes: null, media_upload_limits: [{ time_period: '1d', max_size: SMALL_BYTES }] } } },
  ],
};

let count = 0;

/** What two gateways together keep a user to. */
export function keepsQuotas(replicas: Replicas): void {
  describe('of many uploads at once', () => manyAtOnce(replicas));
  describe('an upload that would be too much', () => tooMuch(replicas));
  describe('room for an upload', () => leaving(replicas));
}

function manyAtOnce({ site, secondPort }: Replicas): void {
  it('lets as many in as there is room for, and leaves nothing of the others', { timeout: 120_000 }, async (t) => {
    const user = someone(site, 'large');
    const before = (await site.blobs.originals()).length;
    const answers = await Promise.all(Array.from({ length: 40 }, (_none, index) => (
      call({ port: index % 2 === 0 ? site.ports.http : secondPort, agent: site.agent }, UPLOAD, { method: 'POST', token: user.account.token, body: randomBody(MIB) })
    )));
    const stored = answers.filter(({ status }) => status === 200).length;
    for (const answer of answers) if (answer.status !== 200) assertExceeded(answer);
    t.diagnostic(`${stored} of 40 got in`);
    assert.ok(stored >= 9 && stored <= 10, `${stored} got in`);
    assert.equal(await bytesOf(user), stored * MIB);
    assert.equal((await site.blobs.originals()).length - before, stored);
  });
}

function tooMuch({ site }: Replicas): void {
  it('is refused before its body is sent', async () => {
    const user = someone(site, 'small');
    using connection = await RawConnection.open(site.ports.http);
    await connection.write(requestHead(user, `POST ${UPLOAD}`, `Content-Length: ${SMALL_BYTES + 1}`));
    assert.equal((await connection.readResponse()).status, 403);
    assert.equal(await bytesOf(user), 0);
  });

  it('is cut off where nobody knew its length, and nothing of it stays', async () => {
    const user = someone(site, 'small');
    await user.upload(randomBody(60_000));
    const before = await site.blobs.originals();
    assertExceeded(await user.tryUpload(chunks(40_001)));
    assert.deepEqual(await site.blobs.originals(), before);
    assert.equal(await bytesOf(user), 60_000);
    await user.upload(chunks(40_000));
    assert.equal(await bytesOf(user), SMALL_BYTES);
    assertExceeded(await user.tryUpload(chunks(1)));
  });

  it('may be one file too many, until one is deleted', async () => {
    const user = someone(site, 'small');
    const [first] = [await user.upload('a'), await user.upload('b'), await user.upload('c')];
    assertExceeded(await user.tryUpload('d'));
    assertJson(await user.call(`/_matrix/media/unstable/download/${first.origin}/${first.mediaId}`, { method: 'DELETE' }));
    await user.upload('d');
  });

  it('leaves a reserved media ID pending; who has filled it or does not own it is told so first', async () => {
    const user = someone(site, 'small');
    const [pending, filled] = [await user.create(), await user.create()];
    assertJson(await user.put(filled, 'content'));
    const tooMuch = randomBody(SMALL_BYTES);
    assertError(await user.put(filled, tooMuch), 409, 'M_CANNOT_OVERWRITE_MEDIA');
    assertError(await someone(site, 'small').put(pending, tooMuch), 403, 'M_FORBIDDEN');
    assertExceeded(await user.put(pending, tooMuch));
    assertJson(await user.put(pending, 'fits'));
  });

  it('counts within a window, too', async () => {
    const user = someone(site, 'daily');
    await user.upload(randomBody(SMALL_BYTES));
    assertExceeded(await user.tryUpload('x'));
    const { limits } = await usageOf(user);
    assert.deepEqual(limits, [{ window_ms: 86_400_000, max_bytes: SMALL_BYTES, max_files: null, bytes: SMALL_BYTES, files: 1 }]);
  });
}

function leaving({ site, program }: Replicas): void {
  it('is there again when its sender has left', async () => {
    const user = someone(site, 'small');
    await untilRequestEnded(program, 'uploadContent', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(requestHead(user, `POST ${UPLOAD}`, `Content-Length: ${SMALL_BYTES}`));
      await connection.write(randomBody(50_000));
      await eventually(async () => assert.equal(await bytesOf(user), SMALL_BYTES));
      connection.destroy();
    });
    await eventually(async () => assert.equal(await bytesOf(user), 0));
    await user.upload(randomBody(SMALL_BYTES));
  });
}

async function usageOf(user: MediaUser) {
  return assertJson(await user.call('/_medley/v1/me/usage'));
}

async function bytesOf(user: MediaUser): Promise<unknown> {
  return (await usageOf(user))['media_bytes'];
}

function assertExceeded(answer: Answer): void {
  const error = assertError(answer, 403, 'M_USER_LIMIT_EXCEEDED');
  assert.deepEqual([error['info_uri'], error['can_upgrade']], [INFO_URI, true]);
  assert.deepEqual([error['org.matrix.msc4335.info_uri'], error['org.matrix.msc4335.can_upgrade']], [INFO_URI, true]);
}

function someone(site: Site, kind: 'large' | 'small' | 'daily'): MediaUser {
  return site.user(site.homeserver.addUser(`${kind}-${count += 1}`));
}

function chunks(sizeBytes: number): AsyncIterable<Uint8Array> {
  return streamOf(randomBody(sizeBytes), 1000);
}
