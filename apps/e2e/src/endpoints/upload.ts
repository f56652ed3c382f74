import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseDisposition } from '../harness/disposition.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { readContentUri } from '../harness/media-user.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import { randomBody, streamOf } from '../harness/bodies.ts';
import type { System } from '../harness/system.ts';

/** POST /_matrix/media/v3/upload */
export function describeUpload(system: System): void {
  describe('upload', () => {
    storing(system);
    sizes(system);
    contentTypes(system);
    names(system);
  });
}

function storing({ site }: System): void {
  for (const version of ['v3', 'r0', 'v1']) {
    it(`gives back through ${version} exactly the bytes that came`, async () => {
      const user = site.user();
      const bytes = randomBody(100_000);
      const answer = await user.call(`/_matrix/media/${version}/upload`, { method: 'POST', body: bytes });
      assertBytes(await user.download(readContentUri(answer)), bytes);
    });
  }

  it('takes a body in chunks, without a length', async () => {
    const user = site.user();
    const bytes = randomBody(300_000);
    assertBytes(await user.download(await user.upload(streamOf(bytes, 7_001))), bytes);
  });

  it('takes an empty body', async () => {
    const user = site.user();
    assertBytes(await user.download(await user.upload('')), Buffer.alloc(0));
  });

  it('mints ids in the grammar, of its own server name, long enough that nobody guesses them', async () => {
    const user = site.user();
    const ids = new Set<string>();
    for (let i = 0; i < 30; i += 1) {
      const { origin, mediaId } = await user.upload('same');
      assert.equal(origin, site.serverName);
      assert.match(mediaId, /^[A-Za-z0-9_-]{22,255}$/);
      ids.add(mediaId);
    }
    assert.equal(ids.size, 30);
  });

  it('keeps the same bytes once, under two ids', async () => {
    const [user, other] = [site.user(), site.user()];
    const bytes = randomBody(50_000);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const [one, two] = [await user.upload(bytes, { name: 'one.bin' }), await other.upload(bytes)];
    assert.notEqual(one.mediaId, two.mediaId);
    assert.equal((await site.blobs.originals()).filter((key) => key === digest).length, 1);
    const names = await Promise.all([one, two].map(async (uri) => parseDisposition((await user.download(uri)).headers['content-disposition']).name));
    assert.deepEqual(names, ['one.bin', undefined]);
  });
}

function sizes({ site }: System): void {
  it('takes a body of just the largest size', async () => {
    const user = site.user();
    const uri = await user.upload(Buffer.alloc(MAX_UPLOAD_BYTES, 'x'));
    assert.equal((await user.download(uri, { method: 'HEAD' })).headers['content-length'], String(MAX_UPLOAD_BYTES));
  });

  it('refuses a Content-Length over the limit and stores nothing', async () => {
    const before = await site.blobs.originals();
    assertError(await site.user().tryUpload(Buffer.alloc(MAX_UPLOAD_BYTES + 1, 'y')), 413, 'M_TOO_LARGE');
    assert.deepEqual(await site.blobs.originals(), before);
  });

  it('refuses a body in chunks that grows over the limit and stores nothing', async () => {
    const before = await site.blobs.originals();
    const answer = await site.user().tryUpload(streamOf(Buffer.alloc(MAX_UPLOAD_BYTES + 1, 'z'), 65_536));
    assertError(answer, 413, 'M_TOO_LARGE');
    assert.deepEqual(await site.blobs.originals(), before);
  });
}

function contentTypes({ site }: System): void {
  const kept = ['img/png', 'text/plain', 'Text/Plain; charset=UTF-8', 'APPLICATION/PDF', 'x', 'a/b; c="d;e"', `a/${'b'.repeat(253)}`];
  for (const type of kept) {
    it(`gives back the type ${type.slice(0, 40)} as it came`, async () => {
      const user = site.user();
      const uri = await user.upload('body', { type });
      assert.equal((await user.download(uri)).headers['content-type'], type);
    });
  }

  it('takes an upload without a type as application/octet-stream', async () => {
    const user = site.user();
    for (const uri of [await user.upload('body'), await user.upload('body', { type: '' })]) {
      assert.equal((await user.download(uri)).headers['content-type'], 'application/octet-stream');
    }
  });

  it('refuses a type of more than 255 characters', async () => {
    assertError(await site.user().tryUpload('body', { type: `a/${'b'.repeat(254)}` }), 400, 'M_INVALID_PARAM');
  });

  // Node writes header values as Latin-1, so this is one byte that is no ASCII.
  it('refuses a type with anything but ASCII', async () => {
    assertError(await site.user().tryUpload('body', { type: 'text/\u00e9' }), 400, 'M_INVALID_PARAM');
  });

  for (const type of ['multipart/form-data; boundary=x', 'Multipart/Form-Data; boundary=x', 'MULTIPART/FORM-DATA']) {
    it(`takes ${type} as opaque bytes`, async () => {
      const user = site.user();
      const bytes = Buffer.from('--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n');
      const answer = await user.download(await user.upload(bytes, { type }));
      assertBytes(answer, bytes);
      assert.equal(answer.headers['content-type'], type);
      assert.equal(parseDisposition(answer.headers['content-disposition']).type, 'attachment');
    });
  }
}

function names({ site }: System): void {
  const kept = ['ascii', 'name with spaces', 'name;with;semicolons', '🐔', '☕', 'it\'s "quoted" \\o/.txt', '100%.png', 'Ünïcode.jpg'];
  for (const name of kept) {
    it(`gives back the name ${name}`, async () => {
      const user = site.user();
      const { headers } = await user.download(await user.upload('body', { name }));
      assert.equal(parseDisposition(headers['content-disposition']).name, name.replace(/[/\\]/g, '_'));
    });
  }

  it('writes names that are no token in quotes, and names that are no ASCII percent-encoded in UTF-8', async () => {
    const user = site.user();
    const write = async (name: string) => (await user.download(await user.upload('body', { name }))).headers['content-disposition'] ?? '';
    assert.match(await write('ascii.bin'), /^attachment; filename="?ascii\.bin"?$/);
    assert.match(await write('two words'), /^attachment; filename="two words"$/);
    assert.match(await write('🐔 ☕'), /filename\*=utf-8''%F0%9F%90%94%20%E2%98%95$/i);
  });

  it('reads a plus in the query as a space, as clients write it', async () => {
    const user = site.user();
    const uri = readContentUri(await user.call('/_matrix/media/v3/upload?filename=a+b', { method: 'POST', body: 'body' }));
    assert.equal(parseDisposition((await user.download(uri)).headers['content-disposition']).name, 'a b');
  });

  it('has no name where none was given, or an empty one', async () => {
    const user = site.user();
    for (const uri of [await user.upload('body'), await user.upload('body', { name: '' })]) {
      assert.deepEqual(parseDisposition((await user.download(uri)).headers['content-disposition']), { type: 'attachment', name: undefined });
    }
  });

  const hostile = {
    'a\r\nSet-Cookie: b=c': /^aSet-Cookie: b=c$/,
    'nul\0.txt': /^nul\.txt$/,
    'photo\u202egnp.exe': /^photognp\.exe$/,
    '../../etc/passwd': /^[^/\\]+$/,
  };
  for (const [name, expected] of Object.entries(hostile)) {
    it(`makes the name ${JSON.stringify(name)} harmless`, async () => {
      const user = site.user();
      const { headers } = await user.download(await user.upload('body', { name }));
      assert.equal(headers['set-cookie'], undefined);
      assert.match(parseDisposition(headers['content-disposition']).name ?? '', expected);
    });
  }

  it('shortens a name that takes 10 kB and keeps its ending', async () => {
    const user = site.user();
    const { headers } = await user.download(await user.upload('body', { name: `${'é'.repeat(1_700)}.png` }));
    const { name = '' } = parseDisposition(headers['content-disposition']);
    assert.match(name, /^é+\.png$/);
    assert.ok(Buffer.byteLength(name) <= 255, `${Buffer.byteLength(name)} bytes`);
  });

  it('refuses a name that is no UTF-8', async () => {
    const answer = await site.user().call('/_matrix/media/v3/upload?filename=%FF%FE', { method: 'POST', body: 'body' });
    assertError(answer, 400, 'M_INVALID_PARAM');
  });
}
