import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import { DrippingMedia } from './dripping-media.ts';
import { beginDownload, download, largeFile, offer, readBytes, requestCount, type RemoteScene } from './remote-scene.ts';

const SMALL = Buffer.from('a small text');
/** The gateway holds back so much of a file's end. */
const HELD_BYTES = 64 * 1024;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether or not its size was known. */
function assertSame({ status, body }: Answer, bytes: Uint8Array): void {
  assert.equal(status, 200);
  assert.ok(body.equals(bytes), `${body.byteLength} bytes came where ${bytes.byteLength} others were expected`);
}

/** Media of another server is passed on while it arrives. */
export function streamsThrough(scene: RemoteScene): void {
  describe('media of another server that is not here', () => {
    fetches(scene);
    comesEarly(scene);
    answersParts(scene);
    outlivesReaders(scene);
  });
  describe('a server that breaks off', () => breaksOff(scene));
}

function fetches(scene: RemoteScene): void {
  const { user } = scene;

  it('is fetched, answered with all that is said of local media, and then kept', async () => {
    const uri = offer(scene, { bytes: SMALL, contentType: 'text/plain', uploadName: 'ä b.txt' });
    const answers = [await user.download(uri), await user.download(uri)];
    for (const answer of answers) {
      assertBytes(answer, SMALL);
      assert.equal(answer.headers['content-type'], 'text/plain');
      assert.equal(answer.headers['content-disposition'], "inline; filename*=utf-8''%C3%A4%20b.txt");
      assert.equal(answer.headers.etag, `"${sha256(SMALL)}"`);
    }
    assert.equal(requestCount(scene, uri), 1);
  });

  it('is empty if it is', async () => {
    assertBytes(await user.download(offer(scene, { bytes: Buffer.alloc(0) })), Buffer.alloc(0));
  });
}

function comesEarly(scene: RemoteScene): void {
  const { user } = scene;

  for (const tellsSize of [true, false]) {
    it(`reaches its reader before its server has sent the rest, its size being ${tellsSize ? 'known' : 'unknown'}`, async () => {
      const bytes = largeFile();
      const drip = new DrippingMedia({ bytes, tellsSize, contentType: 'video/mp4' });
      const uri = offer(scene, drip.script);
      const begun = beginDownload(scene, uri);
      await drip.sendUpTo(1_000_000);
      const answer = await begun;
      // the end of what has come might be the beginning of what ends it
      const first = await readBytes(answer, 999_000 - (tellsSize ? 0 : HELD_BYTES));
      assert.ok(first.equals(bytes.subarray(0, first.byteLength)));
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-length'], tellsSize ? String(bytes.byteLength) : undefined);
      assert.equal(answer.headers['content-type'], 'video/mp4');
      assert.match(String(answer.headers['content-security-policy']), /sandbox/);
      await drip.finish();
      const rest = await readBytes(answer, bytes.byteLength - first.byteLength);
      assert.ok(Buffer.concat([first, rest]).equals(bytes));
      await eventually(() => assert.ok(answer.complete));
      assertBytes(await user.download(uri), bytes);
      assert.equal(drip.requestCount, 1);
    });
  }
}

function answersParts(scene: RemoteScene): void {
  const { user } = scene;

  it('gives a late reader the range that has come, and another when that comes', async () => {
    const bytes = largeFile();
    const drip = new DrippingMedia({ bytes, tellsSize: true });
    const uri = offer(scene, drip.script);
    const first = beginDownload(scene, uri);
    await drip.sendUpTo(500_000);
    const range = await user.download(uri, { headers: { range: 'bytes=300000-300099' } });
    assertBytes(range, bytes.subarray(300_000, 300_100), 206);
    assert.equal(range.headers['content-range'], `bytes 300000-300099/${bytes.byteLength}`);
    const later = user.download(uri, { headers: { range: 'bytes=1400000-1400009' } });
    const last = user.download(uri, { headers: { range: 'bytes=-10' } });
    assertError(await user.download(uri, { headers: { range: `bytes=${bytes.byteLength}-` } }), 416, 'M_UNKNOWN');
    await drip.sendUpTo(1_500_000);
    assertBytes(await later, bytes.subarray(1_400_000, 1_400_010), 206);
    await drip.finish();
    assertBytes(await last, bytes.subarray(-10), 206);
    await readBytes(await first, bytes.byteLength);
    assert.equal(drip.requestCount, 1);
  });

  it('has all that depends on its version answered when it is here', async () => {
    const bytes = largeFile();
    const drip = new DrippingMedia({ bytes, tellsSize: true });
    const uri = offer(scene, drip.script);
    const etag = `"${sha256(bytes)}"`;
    const head = user.download(uri, { method: 'HEAD' });
    const same = user.download(uri, { headers: { 'if-none-match': etag } });
    const other = user.download(uri, { headers: { range: 'bytes=0-9', 'if-range': '"other"' } });
    await drip.finish();
    assert.equal((await head).headers['content-length'], String(bytes.byteLength));
    assert.equal((await head).headers.etag, etag);
    assert.equal((await same).status, 304);
    assertBytes(await other, bytes);
    assert.equal(drip.requestCount, 1);
  });
}

function outlivesReaders(scene: RemoteScene): void {
  const { user } = scene;

  it('goes on arriving when its only reader has left', async () => {
    const bytes = largeFile();
    const drip = new DrippingMedia({ bytes });
    const uri = offer(scene, drip.script);
    const begun = beginDownload(scene, uri);
    await drip.sendUpTo(500_000);
    const answer = await begun;
    await readBytes(answer, 1);
    answer.destroy();
    await drip.finish();
    assertSame(await user.download(uri), bytes);
    assert.equal(drip.requestCount, 1);
  });
}

function breaksOff(scene: RemoteScene): void {
  const { user } = scene;

  for (const tellsSize of [true, false]) {
    it(`never lets a part end as the whole, its size being ${tellsSize ? 'known' : 'unknown'}, and is asked again`, async () => {
      const bytes = largeFile();
      const drip = new DrippingMedia({ bytes, tellsSize });
      const uri = offer(scene, drip.script);
      const asked = download(scene, uri);
      await drip.sendUpTo(1_990_000);
      await eventually(() => drip.asked());
      const begun = await beginDownload(scene, uri);
      await readBytes(begun, 1);
      begun.destroy();
      await drip.cut();
      const { isWhole, status, sizeBytes } = await asked;
      assert.equal(status, 200);
      assert.equal(isWhole, false);
      assert.ok(sizeBytes <= bytes.byteLength - HELD_BYTES, `${sizeBytes} bytes were shown`);
      scene.remote.media.set(uri.mediaId, { bytes });
      assertSame(await user.download(uri), bytes);
    });
  }

  it('before the first byte is answered with 502', async () => {
    const drip = new DrippingMedia({ bytes: largeFile() });
    const asked = user.download(offer(scene, drip.script));
    await drip.cut();
    assertError(await asked, 502, 'M_UNKNOWN');
  });
}
