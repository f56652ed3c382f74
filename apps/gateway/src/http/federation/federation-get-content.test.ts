import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { MediaContent } from '@medley/proto/metadata/media';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { authorize, BYTES, startFederation, URI, type FederationScene, type WholeAnswer } from '../../federation.fixture.ts';
import { serveHttp } from '../../gateway.fixture.ts';

const LARGE = randomBytes(1_000_000);
const DAMAGED = Buffer.from(LARGE).fill(0, 10, 20);

type Location = { readonly $case: 'path'; readonly value: string } | { readonly $case: 'http'; readonly value: { readonly url: string; readonly expiresAtMs: number } };

function locatedAt(location: Location): object {
  return { locateBlob: async () => ({ sizeBytes: LARGE.byteLength, location }) };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Says more of the media of a scene. */
function describeMedia({ gateway: { metadata } }: FederationScene, parts: Partial<MediaContent>): void {
  const record = metadata.records.get('media');
  assert.ok(record?.content !== undefined);
  metadata.records.set('media', { ...record, content: { ...record.content, ...parts } });
}

function ask(scene: FederationScene, method = 'GET', headers = {}): Promise<WholeAnswer> {
  return scene.get(URI, authorize({ method }), { method, headers });
}

/** Fails unless the answer is, byte for byte, what every deployed parser takes (N54). */
function assertForm({ status, headers, body }: WholeAnswer, partHeaders: readonly string[], bytes: Uint8Array): void {
  assert.equal(status, 200, body.toString('utf8', 0, 200));
  const [, boundary = ''] = /^multipart\/mixed; boundary=([A-Za-z0-9]{22,70})$/.exec(headers['content-type'] ?? '') ?? assert.fail(headers['content-type']);
  const before = `\r\n--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\n${partHeaders.map((line) => `${line}\r\n`).join('')}\r\n`;
  const whole = Buffer.concat([Buffer.from(before), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  assert.ok(body.equals(whole), body.toString('latin1', 0, 500));
  assert.equal(headers['content-length'], String(whole.byteLength));
  assert.equal(headers['transfer-encoding'], undefined);
}

describe('media for another server', () => {
  it('has just this form', async () => {
    await using scene = await startFederation();
    assertForm(await ask(scene), ['Content-Type: text/plain', 'Content-Disposition: inline'], BYTES);
  });

  it('says its type and its name, whatever they are', async () => {
    await using scene = await startFederation();
    describeMedia(scene, { contentType: 'image/svg+xml; charset="x"', uploadName: 'Grüße "日本".svg' });
    const name = "Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%22%E6%97%A5%E6%9C%AC%22.svg";
    assertForm(await ask(scene), ['Content-Type: image/svg+xml; charset="x"', name], BYTES);
  });

  it('has both parts even if it has no byte', async () => {
    const storage = { locateBlob: async () => ({ sizeBytes: 0, location: { $case: 'inline', value: Buffer.alloc(0) } }) };
    await using scene = await startFederation({ storage });
    describeMedia(scene, { digest: digestOf(Buffer.alloc(0)), sizeBytes: 0 });
    assertForm(await ask(scene), ['Content-Type: text/plain', 'Content-Disposition: inline'], Buffer.alloc(0));
  });

  it('comes whole whatever range is asked for, with nothing of what clients may do', async () => {
    await using scene = await startFederation();
    const answer = await ask(scene, 'GET', { 'range': 'bytes=0-1', 'if-none-match': '*', 'accept-encoding': 'gzip' });
    assertForm(answer, ['Content-Type: text/plain', 'Content-Disposition: inline'], BYTES);
    for (const name of ['etag', 'accept-ranges', 'content-range', 'content-encoding']) assert.equal(answer.headers[name], undefined);
    assert.equal(answer.headers['cache-control'], 'private, no-store');
  });

  it('has another boundary each time', async () => {
    await using scene = await startFederation();
    const types = await Promise.all(Array.from({ length: 20 }, async () => (await ask(scene)).headers['content-type']));
    assert.equal(new Set(types).size, 20);
  });

  it('has its headers said to HEAD, which is signed as such', async () => {
    await using scene = await startFederation();
    const [head, get] = [await ask(scene, 'HEAD'), await ask(scene)];
    assert.deepEqual([head.status, head.body.byteLength], [200, 0]);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal((await scene.get(URI, authorize(), { method: 'HEAD' })).status, 401);
  });

  it('is not there any more as soon as it is hidden', async () => {
    await using scene = await startFederation();
    assert.equal((await ask(scene)).status, 200);
    scene.gateway.metadata.quarantine('media', 'key');
    await eventually(async () => assert.equal((await ask(scene)).status, 404), 10_000);
  });

  it('is not there if it was hidden while its bytes were looked for', async () => {
    const storage = {
      async locateBlob() {
        scene.gateway.metadata.quarantine('media', 'key');
        await eventually(async () => assert.equal((await ask(scene, 'HEAD')).status, 404));
        return { sizeBytes: BYTES.byteLength, location: { $case: 'inline', value: BYTES } };
      },
    };
    await using scene = await startFederation({ storage });
    assert.equal((await ask(scene)).status, 404);
  });
});

describe('large media for another server', () => {
  async function assertComes(scene: FederationScene): Promise<void> {
    describeMedia(scene, { digest: digestOf(LARGE), sizeBytes: LARGE.byteLength });
    for (let round = 0; round < 2; round += 1) assertForm(await ask(scene), ['Content-Type: text/plain', 'Content-Disposition: inline'], LARGE);
  }

  async function assertBreaksOff(scene: FederationScene): Promise<void> {
    describeMedia(scene, { digest: digestOf(LARGE), sizeBytes: LARGE.byteLength });
    for (let round = 0; round < 2; round += 1) await assert.rejects(ask(scene));
  }

  it('comes from a file, and never whole if that is damaged', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'blob');
    await writeFile(path, LARGE);
    await using scene = await startFederation({ storage: locatedAt({ $case: 'path', value: path }) });
    await assertComes(scene);
    await writeFile(path, DAMAGED);
    await assertBreaksOff(scene);
  });

  for (const [how, bytes] of Object.entries({ 'comes from a store': LARGE, 'never comes whole from a store where it is damaged': DAMAGED })) {
    it(how, async () => {
      await using store = await serveHttp((_request, response) => response.writeHead(200, { 'content-length': bytes.byteLength, 'etag': '"e"' }).end(bytes));
      await using scene = await startFederation({ storage: locatedAt({ $case: 'http', value: { url: store.url, expiresAtMs: 0 } }) });
      await (bytes === LARGE ? assertComes(scene) : assertBreaksOff(scene));
    });
  }
});
