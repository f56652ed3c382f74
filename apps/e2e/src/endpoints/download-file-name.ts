import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDisposition } from '../harness/disposition.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import type { System } from '../harness/system.ts';

/** GET /_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName} */
export function describeDownloadFileName(system: System): void {
  describe('download under a file name', () => {
    names(system);
    hostileNames(system);
  });
}

function names({ site }: System): void {
  for (const name of ['ascii', 'name with spaces', 'name;with;semicolons', '🐔', '☕', 'q"uo\'te', 'a+b', '100%', 'a.b.c']) {
    it(`calls the file ${name}, whatever it was uploaded as`, async () => {
      const user = site.user();
      const uri = await user.upload('bytes', { name: 'stored.bin', type: 'image/png' });
      const answer = await user.call(`${downloadPath(uri)}/${encodeURIComponent(name)}`);
      assertBytes(answer, Buffer.from('bytes'));
      assert.deepEqual(parseDisposition(answer.headers['content-disposition']), { type: 'inline', name });
    });
  }

  it('does not change the stored name', async () => {
    const user = site.user();
    const uri = await user.upload('bytes', { name: 'stored.bin' });
    await user.call(`${downloadPath(uri)}/other`);
    assert.equal(parseDisposition((await user.download(uri)).headers['content-disposition']).name, 'stored.bin');
  });

  it('answers HEAD, ranges and 304 under a file name', async () => {
    const user = site.user();
    const path = `${downloadPath(await user.upload('bytes'))}/a.txt`;
    const head = await user.call(path, { method: 'HEAD' });
    assert.equal(parseDisposition(head.headers['content-disposition']).name, 'a.txt');
    assertBytes(await user.call(path, { headers: { range: 'bytes=1-2' } }), Buffer.from('yt'), 206);
    assert.equal((await user.call(path, { headers: { 'if-none-match': head.headers.etag } })).status, 304);
  });
}

function hostileNames({ site }: System): void {
  const made: Readonly<Record<string, RegExp>> = {
    'a%0D%0ASet-Cookie:%20b=c': /^aSet-Cookie: b=c$/,
    '%E2%80%AEgnp.exe': /^gnp\.exe$/,
    'nul%00.txt': /^nul\.txt$/,
    '..%2F..%2Fetc%2Fpasswd': /^[^/\\]+$/,
    'a%5C..%5Cb': /^[^/\\]+$/,
  };
  for (const [raw, expected] of Object.entries(made)) {
    it(`makes the name ${raw} harmless`, async () => {
      const user = site.user();
      const { status, headers } = await user.call(`${downloadPath(await user.upload('bytes'))}/${raw}`);
      assert.equal(status, 200);
      assert.equal(headers['set-cookie'], undefined);
      assert.match(parseDisposition(headers['content-disposition']).name ?? '', expected);
    });
  }

  it('shortens a name of 10 kB', async () => {
    const user = site.user();
    const { status, headers } = await user.call(`${downloadPath(await user.upload('bytes'))}/${'a'.repeat(10_000)}.png`);
    assert.equal(status, 200);
    const { name = '' } = parseDisposition(headers['content-disposition']);
    assert.match(name, /^a+\.png$/);
    assert.ok(name.length <= 255);
  });

  for (const raw of ['%FF', '%zz', '%', '%C3']) {
    it(`refuses the name ${raw}, which is no percent-encoded UTF-8`, async () => {
      const user = site.user();
      assertError(await user.call(`${downloadPath(await user.upload('bytes'))}/${raw}`), 400, 'M_INVALID_PARAM');
    });
  }

  it('does not know paths that go on after the name', async () => {
    const user = site.user();
    assertError(await user.call(`${downloadPath(await user.upload('bytes'))}/name/more`), 404, 'M_UNRECOGNIZED');
  });
}
