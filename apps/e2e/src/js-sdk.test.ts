import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createClient, MatrixError, MediaPrefix, Method, type MatrixClient } from 'matrix-js-sdk';
import { DebugLogger } from 'matrix-js-sdk/lib/logger.js';
import { readImageFacts } from '@medley/testing/image-size';
import { paintPng } from '@medley/testing/images';
import { decodePng } from '@medley/testing/png';
import { randomBody } from './harness/bodies.ts';
import { parseDisposition } from './harness/disposition.ts';
import { startSystem, type System } from './harness/system.ts';

const QUIET = Object.assign(() => {}, { extend: () => QUIET });
const SILENT = new DebugLogger(QUIET);

interface Created {
  readonly content_uri: string;
  readonly unused_expires_at: number;
}

/** What the client's users do with an mxc URI: `fetch` with their token. */
async function fetchMedia(client: MatrixClient, url: string | null): Promise<Response> {
  return fetch(url ?? '', { headers: { authorization: `Bearer ${client.getAccessToken()}` } });
}

async function readBytes(response: Response): Promise<Buffer> {
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

describe('matrix-js-sdk', () => {
  let system: System;
  let client: MatrixClient;
  before(async () => {
    system = await startSystem('services');
    const { userId, token } = system.site.homeserver.addUser('alice');
    client = createClient({ baseUrl: system.site.url, userId, accessToken: token, logger: SILENT });
  });
  after(async () => {
    client.stopClient();
    await system[Symbol.asyncDispose]();
  });

  it('uploads a file and downloads it under its name', async () => {
    const bytes = randomBody(300_000);
    const { content_uri: uri } = await client.uploadContent(bytes, { name: 'my fíle.bin', type: 'application/x-thing' });
    const response = await fetchMedia(client, client.mxcUrlToHttp(uri, undefined, undefined, undefined, false, true, true));
    assert.equal(response.headers.get('content-type'), 'application/x-thing');
    assert.equal(parseDisposition(response.headers.get('content-disposition') ?? '').name, 'my fíle.bin');
    assert.equal(response.headers.get('etag'), `"${createHash('sha256').update(bytes).digest('hex')}"`);
    assert.ok((await readBytes(response)).equals(bytes));
  });

  it('reserves an id, shares it, and uploads to it later', async () => {
    const reserve = { prefix: MediaPrefix.V1, priority: 'auto' };
    const created = await client.http.authedRequest<Created>(Method.Post, '/create', undefined, {}, reserve);
    assert.ok(created.unused_expires_at > Date.now());
    const url = client.mxcUrlToHttp(created.content_uri, undefined, undefined, undefined, false, true, true);
    const waiting = fetchMedia(client, url);
    const bytes = randomBody(10_000);
    const path = `/upload/${created.content_uri.slice('mxc://'.length)}`;
    const options = { prefix: MediaPrefix.V3, headers: { 'Content-Type': 'image/x-test' }, priority: 'auto' };
    assert.deepEqual(await client.http.authedRequest(Method.Put, path, { filename: 'later' }, bytes, options), {});
    const response = await waiting;
    assert.equal(response.headers.get('content-type'), 'image/x-test');
    assert.ok((await readBytes(response)).equals(bytes));
    const again = client.http.authedRequest(Method.Put, path, undefined, bytes, options);
    await assert.rejects(again, (error) => error instanceof MatrixError && error.errcode === 'M_CANNOT_OVERWRITE_MEDIA');
  });

  it('shows thumbnails that decode', async () => {
    const { content_uri: uri } = await client.uploadContent(paintPng(640, 320), { name: 'photo.png', type: 'image/png' });
    for (const [width, height, method, expected] of [[96, 96, 'crop', [96, 96]], [320, 240, 'scale', [480, 240]]] as const) {
      const response = await fetchMedia(client, client.mxcUrlToHttp(uri, width, height, method, false, true, true));
      const bytes = await readBytes(response);
      const { type, ...size } = readImageFacts(bytes);
      assert.deepEqual([size.width, size.height, type, response.headers.get('content-type')], [...expected, 'image/png', 'image/png']);
      assert.equal(decodePng(bytes).width, size.width);
    }
  });

  it('reads how much it may upload', async () => {
    assert.deepEqual(await client.getMediaConfig(true), { 'm.upload.size': 50 * 2 ** 20, 'io.element.msc4452.preview_url': { enabled: true } });
  });

  it('understands that what is not there is not there', async () => {
    const url = client.mxcUrlToHttp(`mxc://${system.site.serverName}/unknown`, undefined, undefined, undefined, false, true, true);
    const response = await fetchMedia(client, url);
    assert.deepEqual([response.status, ((await response.json()) as { errcode: string }).errcode], [404, 'M_NOT_FOUND']);
  });

  it('is told what is wrong with its token', async () => {
    const stranger = createClient({ baseUrl: system.site.url, userId: '@nobody:e2e.example', accessToken: 'nobody', logger: SILENT });
    await assert.rejects(stranger.uploadContent(randomBody(10)), (error) => error instanceof MatrixError && error.errcode === 'M_UNKNOWN_TOKEN');
  });
});
