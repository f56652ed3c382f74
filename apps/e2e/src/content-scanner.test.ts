import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { EICAR, VERSION } from '@medley/testing/fake-clamd';
import { DrippingMedia } from './federation/dripping-media.ts';
import { download, largeFile, offer, REMOTE_CONFIG, requestCount, startScene } from './federation/remote-scene.ts';
import { MedleyApi } from './endpoints/medley/medley-api.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { startSystem } from './harness/system.ts';
import { prepareClamAv } from './scanning/clamav.ts';

const clamAv = await prepareClamAv();
const system = await startSystem('services', { config: { ...REMOTE_CONFIG, ...clamAv.config } });
after(() => system[Symbol.asyncDispose]());
const { site } = system;
await clamAv.start(site);
after(() => clamAv[Symbol.asyncDispose]());
const scene = await startScene(site);
const { user } = scene;

function eicar(name: string): Buffer {
  return Buffer.from(`${name} ${EICAR}`);
}

describe('uploads that are examined first', () => {
  it('are refused if something is found, in words that do not say what, and again without a scan', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { error } = assertError(await user.tryUpload(eicar('upload')), 403, 'M_FORBIDDEN');
      assert.doesNotMatch(String(error), /eicar|clam/i);
    }
    assert.equal(clamAv.clamd.scanned.length, 1);
  });

  it('are kept if nothing is found, large and small ones', async () => {
    for (const bytes of [Buffer.from('clean'), largeFile(5_000_000), Buffer.alloc(0)]) {
      assertBytes(await user.download(await user.upload(bytes)), bytes);
    }
  });

  it('leave a reserved media id as it was when they are refused', async () => {
    const pending = await user.create();
    assertError(await user.put(pending, eicar('put')), 403, 'M_FORBIDDEN');
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    assertJson(await user.put(pending, 'clean'));
    assertBytes(await user.download(pending), Buffer.from('clean'));
  });
});

describe('what the scanner said', () => {
  it('is told to admins, with the signatures that it had', async () => {
    const api = new MedleyApi(site);
    const uri = await user.upload('told');
    assert.partialDeepStrictEqual((await api.on('medleyGetMedia', uri))['verdict'], { state: 'clean', finding: '', scanner: VERSION });
  });
});

describe('media of another server that is examined first', () => {
  it('is refused if something is found, in every shape, and not fetched again', async () => {
    const uri = offer(scene, { bytes: eicar('remote') });
    for (let round = 0; round < 2; round += 1) assertError(await user.download(uri), 403, 'M_FORBIDDEN');
    assertError(await user.thumbnail(uri, { width: 32, height: 32 }), 403, 'M_FORBIDDEN');
    assert.equal(requestCount(scene, uri), 1);
  });

  for (const tellsSize of [true, false]) {
    it(`shows none of its bytes before all are examined, its size being ${tellsSize ? 'known' : 'unknown'}`, async () => {
      const bytes = Buffer.concat([largeFile(), eicar('end')]);
      const drip = new DrippingMedia({ bytes, tellsSize });
      const asked = download(scene, offer(scene, drip.script));
      await drip.sendUpTo(1_900_000);
      await drip.finish();
      const { status, sizeBytes } = await asked;
      assert.equal(status, 403);
      assert.ok(sizeBytes < 1000);
    });
  }

  it('is shown if nothing is found', async () => {
    const bytes = largeFile();
    assertBytes(await user.download(offer(scene, { bytes })), bytes);
  });
});

describe('a scanner that is away', () => {
  it('lets nothing through, and all again when it is back', async () => {
    clamAv.clamd.beforeVerdict = () => Promise.reject(new Error('it breaks off'));
    assertError(await user.tryUpload('unexamined'), 503, 'M_UNKNOWN');
    const uri = offer(scene, { bytes: Buffer.from('unexamined, too') });
    assertError(await user.download(uri), 503, 'M_UNKNOWN');
    clamAv.clamd.beforeVerdict = async () => {};
    await eventually(async () => assertBytes(await user.download(uri), Buffer.from('unexamined, too')));
    assertBytes(await user.download(await user.upload('unexamined')), Buffer.from('unexamined'));
  });
});
