import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { PREVIEW_URL } from '../endpoints/url-preview.ts';
import { assertJson } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import type { Observed } from './observed.ts';
import type { ReceivedSpan } from './otlp-receiver.ts';

/** Spans wait for a while to be sent with others. */
const SENT_WITHIN_MS = 15_000;
const NAME = 'sentinel-file-name';

/** What each store's calls are called. */
export interface StoreNames {
  readonly put: string;
  readonly look: string;
  readonly record: string;
}

/** That what is done for one request is one trace, down to the stores. */
export function describeTraces({ site, receiver, remote, web }: Observed, stores: StoreNames): void {
  const user = site.user();
  const body = randomBytes(300_000);
  const traceOf = (name: string): Promise<readonly ReceivedSpan[]> => eventually(() => readTrace(receiver.spans, name), SENT_WITHIN_MS);

  describe('the trace of a request', () => {
    it('leads from an upload to the stores, and every parent in it is known', async () => {
      await user.upload(body, { name: NAME });
      const names = (await eventually(async () => requireNames(await traceOf('POST uploadContent'), [stores.put, stores.record]), SENT_WITHIN_MS)).map(({ name }) => name);
      for (const name of ['store upload', 'PUT blob', 'PUT data', 'medley.storage.v1.StorageService/LocateUpload', 'medley.metadata.v1.MetadataService/RecordUpload']) {
        assert.ok(names.includes(name), `${name} is not in ${names.join(', ')}`);
      }
    });

    it('leads from a download to the bytes, and goes on with the one its requester has begun', async () => {
      const uri = await user.upload(randomBytes(200_000));
      const traceId = randomBytes(16).toString('hex');
      const answer = await user.download(uri, { headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` } });
      assert.equal(answer.status, 200);
      const spans = await eventually(() => {
        const found = receiver.spans.filter((span) => span.traceId === traceId);
        return requireNames(found, ['GET getContentAuthed', stores.look]);
      }, SENT_WITHIN_MS);
      assert.ok(new Set(spans.map(({ service }) => service)).size >= 2);
    });

    it('begins anew where what its requester says makes no sense', async () => {
      const before = receiver.spans.length;
      assertJson(await user.call('/_matrix/client/v1/media/config', { headers: { traceparent: '00-00000000000000000000000000000000-0000000000000000-01' } }));
      const [span] = await eventually(() => requireNames(receiver.spans.slice(before), ['GET getConfigAuthed']), SENT_WITHIN_MS);
      assert.match(span?.traceId ?? '', /^(?!0+$)[0-9a-f]{32}$/);
    });

    it('shows thumbnails, media of other servers and previews being made, and tells strangers nothing', async () => {
      const picture = await user.upload(paintPng(300, 200), { type: 'image/png', name: NAME });
      assert.equal((await user.thumbnail(picture, { width: 32, height: 32, method: 'crop' })).status, 200);
      remote.media.set('sentinel-remote-id', { bytes: body });
      const fetched = await user.call(downloadPath(parseMxcParts(remote.serverName, 'sentinel-remote-id')));
      assert.ok(fetched.body.equals(body));
      assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/page?sentinel-query` } }));
      await eventually(() => requireNames(receiver.spans, ['thumbnail job', 'fetch remote media', 'make url preview', 'GET getContentAuthed']), SENT_WITHIN_MS);
      for (const { headers } of [...web.requests, ...remote.requests]) assert.ok(!('traceparent' in headers) && !('x-request-id' in headers));
    });

    it('holds no token, no file name, no media id and no URL', async () => {
      const said = receiver.raw.join('\n');
      assert.ok(receiver.spans.length > 50);
      for (const secret of [user.account.token, user.account.userId, NAME, 'sentinel', site.serverName, remote.serverName, web.origin, 'X-Amz', 'signature=']) {
        assert.ok(!said.includes(secret), `${secret} is in the traces`);
      }
    });
  });
}

/** All spans of the trace that begins with this one; fails until it is whole. */
function readTrace(spans: readonly ReceivedSpan[], rootName: string): readonly ReceivedSpan[] {
  const roots = spans.filter(({ name, parentSpanId }) => name === rootName && parentSpanId === '');
  assert.equal(roots.length, 1, `${roots.length} traces begin with ${rootName}`);
  const trace = spans.filter(({ traceId }) => traceId === roots[0]?.traceId);
  const known = new Set(trace.map(({ spanId }) => spanId));
  for (const { name, service, parentSpanId } of trace) assert.ok(parentSpanId === '' || known.has(parentSpanId), `nobody knows the parent of ${name} of ${service}`);
  return trace;
}

function requireNames(spans: readonly ReceivedSpan[], names: readonly string[]): readonly ReceivedSpan[] {
  for (const name of names) assert.ok(spans.some((span) => span.name === name), `${name} is not among ${spans.map((span) => span.name).join(', ')}`);
  return spans;
}
