import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { globalAgent } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, it } from 'node:test';
import { acquireS3, type S3 } from '@medley/tool-real-services/s3';
import { describeRealService } from '@medley/tool-real-services/skip';
import { byId, ADMIN } from './endpoints/admin/admin-calls.ts';
import { askedCount, startFederated, type FederatedMedley } from './federation/two-medleys.ts';
import { FEDERATING } from './federation/serving-scene.ts';
import { parseDisposition } from './harness/disposition.ts';
import { assertError, assertJson } from './harness/expect.ts';
import { send } from './harness/http-call.ts';
import { TlsFront } from './harness/tls-front.ts';

const LARGE = randomBytes(300_000);
const SMALL = LARGE.subarray(0, 50_000);
const NAME = 'Grüße; "日本" 100%.mp4';
const UPLOAD = { type: 'video/mp4', name: NAME };
/** A client that takes redirects for answers. */
const FOLLOWING = { mayRedirect: true };
const MIN_BYTES = 100_000;

await describeRealService('originals in an object store that everybody reaches', acquireS3, (s3) => {
  let front: TlsFront;
  let here: FederatedMedley;
  let there: FederatedMedley;
  before(async () => {
    front = await TlsFront.start();
    front.route({ '/': Number(new URL(s3.endpoint).port) });
    here = await startFederated(redirecting(s3, front));
    there = await startFederated();
  });
  after(async () => {
    await there[Symbol.asyncDispose]();
    await here[Symbol.asyncDispose]();
    await front[Symbol.asyncDispose]();
  });

  it('are where a client is sent, with their type and name, also for a part of them', async () => {
    const uri = await here.user.upload(LARGE, UPLOAD);
    const { status, headers, body } = await here.user.download(uri, FOLLOWING);
    assert.deepEqual([status, body.byteLength, headers['cache-control']], [307, 0, 'private, no-store']);
    assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
    const whole = await readLocated(s3, headers.location);
    assert.ok(whole.body.equals(LARGE));
    assert.equal(whole.headers['content-type'], 'video/mp4');
    assert.equal(parseDisposition(whole.headers['content-disposition']).name, NAME);
    const part = await readLocated(s3, headers.location, { range: 'bytes=10-19' });
    assert.deepEqual([part.status, part.body], [206, LARGE.subarray(10, 20)]);
  });

  it('can be read there for no longer than they are to be', async () => {
    const uri = await here.user.upload(LARGE, UPLOAD);
    const location = new URL(String((await here.user.download(uri, FOLLOWING)).headers.location));
    assert.equal(location.searchParams.get('X-Amz-Expires'), '7');
    assert.equal(`https://${location.host}`, publicEndpoint(front));
  });

  it('are answered here where they are small, asked for by HEAD, or known already', async () => {
    const small = await here.user.upload(SMALL, UPLOAD);
    const large = await here.user.upload(LARGE, UPLOAD);
    const answers = await Promise.all([here.user.download(small), here.user.download(large, { method: 'HEAD' })]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
    const etag = String(answers[1]?.headers.etag);
    assert.equal((await here.user.download(large, { headers: { 'if-none-match': etag } })).status, 304);
  });

  it('are sent to old clients only if they say that they can follow', async () => {
    const path = (query: string) => async () => {
      const { origin, mediaId } = await here.user.upload(LARGE, UPLOAD);
      return here.user.call(`/_matrix/media/v3/download/${origin}/${mediaId}${query}`, { ...FOLLOWING, token: undefined });
    };
    const answers = await Promise.all(['', '?allow_redirect=false', '?allow_redirect=true'].map((query) => path(query)()));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 307]);
  });

  it('are located for another server, which fetches them from there', async () => {
    const uri = await here.user.upload(LARGE, UPLOAD);
    const small = await here.user.upload(SMALL, UPLOAD);
    for (const [media, bytes] of [[uri, LARGE], [small, SMALL]] as const) {
      const { status, headers, body } = await there.user.download(media);
      assert.ok(status === 200 && body.equals(bytes), `${status}, ${body.byteLength} bytes`);
      assert.deepEqual([headers['content-type'], askedCount(here, 'download', media)], ['video/mp4', 1]);
    }
    assert.equal(front.targets.length, 1, 'the large one was fetched from the object store');
  });

  it('are not located any more once they are quarantined, but for the admin who looks at them', async () => {
    const uri = await here.user.upload(LARGE, UPLOAD);
    assertJson(await here.admin.call(`${ADMIN}${byId(uri, 'quarantine/')}`, { method: 'POST', body: '{}' }));
    assertError(await here.user.download(uri), 404, 'M_NOT_FOUND');
    const { status, body } = await here.admin.download(uri, { query: { admin_unsafely_bypass_quarantine: true } });
    assert.deepEqual([status, body.equals(LARGE)], [200, true]);
  });
});

/** The object store as the world knows it. */
function publicEndpoint({ serverName }: TlsFront): string {
  return `https://${serverName}`;
}

/** Reads what a signed URL leads to, past the front, since it is the name in it that is signed. */
async function readLocated({ endpoint }: S3, location: string | undefined, headers: Readonly<Record<string, string>> = {}) {
  const { host, pathname, search } = new URL(String(location));
  const response = await send({ port: Number(new URL(endpoint).port), agent: globalAgent }, `${pathname}${search}`, { headers: { host, ...headers } });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

function redirecting(s3: S3, front: TlsFront): Record<string, unknown> {
  const { endpoint, region, accessKey, secretKey, bucketPrefix } = s3;
  const bucket = `${bucketPrefix}medley-e2e-${randomUUID()}`;
  return {
    storage: { kind: 's3', endpoint, bucket, region, access_key: accessKey, secret_key: secretKey, public_endpoint: publicEndpoint(front) },
    media: { freeze_unauthenticated: false },
    downloads: { ...FEDERATING.downloads, redirect: 'on', redirect_min_bytes: MIN_BYTES, redirect_lifetime: '7s' },
    federation: { ...FEDERATING.federation, redirect: 'on' },
  };
}
