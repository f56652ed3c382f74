import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { ADMIN, byId } from './endpoints/admin/admin-calls.ts';
import { readThumbnail } from './endpoints/thumbnail.ts';
import { leadsNowhere } from './federation/two-medleys-loops.ts';
import { askedCount, startFederated } from './federation/two-medleys.ts';
import { parseDisposition } from './harness/disposition.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import type { MediaUser, UploadOptions } from './harness/media-user.ts';

const FILES: Readonly<Record<string, UploadOptions & { readonly bytes: Buffer }>> = {
  'text': { bytes: Buffer.from('text'), type: 'text/plain', name: 'a b.txt' },
  'no byte': { bytes: Buffer.alloc(0), type: 'text/plain' },
  'a name beyond ASCII': { bytes: Buffer.from('x'), type: 'application/pdf', name: 'Grüße; "日本" 100%.pdf' },
  'line ends and boundaries': { bytes: Buffer.from('\r\n--\r\n--x--\r\n') },
  'many bytes': { bytes: randomBytes(5_000_000), type: 'video/mp4', name: 'many.mp4' },
};

// Without the freeze whoever shows no token makes it fetch, too.
const first = await startFederated({ media: { freeze_unauthenticated: false } });
after(() => first[Symbol.asyncDispose]());
const second = await startFederated();
after(() => second[Symbol.asyncDispose]());

async function quarantine(admin: MediaUser, uri: Parameters<typeof byId>[0]): Promise<void> {
  assertJson(await admin.call(`${ADMIN}${byId(uri, 'quarantine/')}`, { method: 'POST', body: '{}' }));
}

describe('two Medleys', () => {
  for (const [what, { bytes, type, name, ...options }] of Object.entries(FILES)) {
    it(`give each other bytes, type and name: ${what}`, async () => {
      for (const [here, there] of [[first, second], [second, first]] as const) {
        const uri = await here.user.upload(bytes, { ...options, ...(type && { type }), ...(name && { name }) });
        const answers = await Promise.all([there.user, there.site.user()].map((user) => user.download(uri)));
        for (const answer of [...answers, await there.user.download(uri)]) {
          assert.ok(answer.status === 200 && answer.body.equals(bytes), `${answer.status}, ${answer.body.byteLength} bytes`);
          assert.equal(answer.headers['content-type'], type ?? 'application/octet-stream');
          assert.equal(parseDisposition(answer.headers['content-disposition']).name, name);
        }
        assert.equal(askedCount(here, 'download', uri), 1, 'it is kept');
      }
    });
  }

  it('ask each other’s homeserver for keys once', () => {
    for (const { front } of [first, second]) assert.equal(front.countOf('/_matrix/key/'), 1);
  });

  it('make thumbnails of each other’s pictures', async () => {
    const uri = await first.user.upload(paintPng(400, 200), { type: 'image/png' });
    const query = { width: 32, height: 32, method: 'crop' };
    const answer = await second.user.thumbnail(uri, query);
    assert.deepEqual([readThumbnail(answer).width, readThumbnail(answer).height], [32, 32]);
    assertBytes(await first.user.thumbnail(uri, query), answer.body);
    assert.deepEqual([askedCount(first, 'download', uri), askedCount(first, 'thumbnail', uri)], [1, 0]);
  });

  it('wait for what is still being uploaded at the other', async () => {
    const pending = await first.user.create();
    const waiting = second.user.download(pending, { query: { timeout_ms: 30_000 } });
    await eventually(() => assert.equal(askedCount(first, 'download', pending), 1));
    assertJson(await first.user.put(pending, 'here it is', { type: 'text/plain' }));
    assertBytes(await waiting, Buffer.from('here it is'));
  });

  it('do not remember that something was not there yet', async () => {
    const pending = await first.user.create();
    for (let round = 0; round < 3; round += 1) assertError(await second.user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    assertJson(await first.user.put(pending, 'later'));
    assertBytes(await second.user.download(pending), Buffer.from('later'));
  });

  it('do not give away what is quarantined', async () => {
    const uri = await first.user.upload('hidden at home');
    await quarantine(first.admin, uri);
    await eventually(async () => assertError(await first.user.download(uri), 404, 'M_NOT_FOUND'));
    assertError(await second.user.download(uri), 404, 'M_NOT_FOUND');
  });

  it('keep what they have until they quarantine it themselves', async () => {
    const bytes = Buffer.from('hidden at home, kept abroad');
    const uri = await first.user.upload(bytes);
    assertBytes(await second.user.download(uri), bytes);
    await quarantine(first.admin, uri);
    await eventually(async () => assertError(await first.user.download(uri), 404, 'M_NOT_FOUND'));
    assertBytes(await second.site.user().download(uri), bytes);
    await quarantine(second.admin, uri);
    await eventually(async () => assertError(await second.user.download(uri), 404, 'M_NOT_FOUND'));
  });

  it('say that there is nothing where the other has nothing', async () => {
    assertError(await second.user.download(parseMxcParts(first.site.serverName, 'unknown')), 404, 'M_NOT_FOUND');
  });
});

leadsNowhere(first, second);
