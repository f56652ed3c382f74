import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { StorageServiceDefinition, type PutBlobRequest } from '@medley/proto/storage';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import type { RunningService } from '@medley/runtime/running-service';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { makeTempDir } from '@medley/testing/temp-dir';
import sharp from 'sharp';
import { startThumbnail } from './app.ts';
import { noise, quarters } from './testing/images.ts';
import { OWN_STORE, startStorageProcess, toConfig } from './testing/storage-process.ts';

const { CROP, SCALE, UNSPECIFIED } = ThumbnailMethod;

for (const isShared of [true, false]) {
  describe(`the thumbnail service, with blobs ${isShared ? 'in a shared folder' : 'behind the data port'}`, () => {
    const opened = new AsyncDisposableStack();
    let service: RunningService;
    let storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
    let thumbnail: ConnectedClient<typeof ThumbnailServiceDefinition>['rpc'];

    before(async () => {
      const { path } = opened.use(await makeTempDir());
      opened.use(await startStorageProcess(path, isShared));
      const config = await toConfig(path, { max_source_bytes: '8M' }, isShared);
      service = await startThumbnail({ config, ...quietTelemetry() });
      opened.defer(() => service.stop(5000));
      const { token } = config.grpc;
      storage = opened.adopt(connectService(StorageServiceDefinition, { address: config.grpc.storage, token }), (client) => client.close()).rpc;
      thumbnail = opened.adopt(connectService(ThumbnailServiceDefinition, { address: config.grpc.listen, token }), (client) => client.close()).rpc;
    });

    after(() => opened.disposeAsync());

    it('is ready once a decoder has started', async () => {
      await eventually(async () => assert.deepEqual(await service.readiness(), []));
    });

    it('answers a small thumbnail inline, and the same bytes and version each time', async () => {
      const source = await put(await quarters(500, 400).jpeg().toBuffer());
      const made = await ask(source, 96, 96, CROP);
      const found = await ask(source, 96, 96, CROP);
      assert.deepEqual(found, made);
      assert.equal(made.contentType, 'image/jpeg');
      assert.equal(made.sizeBytes, inline(made).byteLength);
      assert.notEqual((await ask(source, 32, 32, CROP)).version, made.version);
      assert.equal((await sharp(inline(made)).metadata()).width, 96);
    });

    it('says where in storage a large thumbnail lies, when it is made and when it is found', async () => {
      const source = await put(await noise(1200, 1100).png().toBuffer());
      const made = await ask(source, 1024, 1024, SCALE);
      assert.deepEqual(await ask(source, 1024, 1024, SCALE), made);
      assert.equal(made.contentType, 'image/png');
      assert.ok(made.body?.$case === 'stored');
      const chunks = await Array.fromAsync(storage.getBlob({ key: made.body.value }));
      const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk));
      assert.equal(bytes.byteLength, made.sizeBytes);
      assert.equal((await sharp(bytes).metadata()).height, 1024);
    });

    it('keeps all five standard sizes of a large source after one of them was asked', async () => {
      const source = await put(await quarters(1300, 1000).jpeg().toBuffer());
      await ask(source, 320, 240, SCALE);
      const derivations = ['32x32-crop', '96x96-crop', '320x240-scale', '640x480-scale', '800x600-scale'];
      await eventually(() => Promise.all(derivations.map((one) => storage.statBlob({ key: { digest: source, derivation: `thumbnail-v2-${one}`, store: COMMON_STORE } }))));
    });

    it('refuses what it cannot answer, with the reason', async () => {
      const image = await put(await quarters(50, 50).png().toBuffer());
      await assert.rejects(ask('f'.repeat(64), 96, 96, CROP), { reason: 'NOT_FOUND' });
      await assert.rejects(ask(await put(Buffer.from('no image')), 96, 96, CROP), { reason: 'CANNOT_THUMBNAIL' });
      await assert.rejects(ask(await put(Buffer.alloc(8 * 2 ** 20 + 1)), 96, 96, CROP), { reason: 'TOO_LARGE' });
      await assert.rejects(ask('nonsense', 96, 96, CROP), { reason: 'INVALID_PARAM' });
      await assert.rejects(ask(image, 0, 96, CROP), { reason: 'INVALID_PARAM' });
      await assert.rejects(ask(image, 96, 96, UNSPECIFIED), { reason: 'INVALID_PARAM' });
      await assert.rejects(thumbnail.getThumbnail({ sourceDigest: image, store: COMMON_STORE, spec: undefined }), { reason: 'INVALID_PARAM' });
    });

    it('keeps what it makes of a picture in each store beside it, and in no other', async () => {
      const bytes = await noise(1250, 1150).png().toBuffer();
      const source = await put(bytes, OWN_STORE);
      await assert.rejects(askIn(COMMON_STORE, source), { reason: 'NOT_FOUND' });
      const made = await askIn(OWN_STORE, source);
      assert.ok(made.body?.$case === 'stored');
      const key = made.body.value;
      assert.equal(key.store, OWN_STORE);
      const kept = await storage.statBlob({ key });
      await assert.rejects(storage.statBlob({ key: { ...key, store: COMMON_STORE } }), { reason: 'NOT_FOUND' });
      await put(bytes);
      assert.deepEqual(await askIn(COMMON_STORE, source), { ...made, body: { $case: 'stored', value: { ...key, store: COMMON_STORE } } });
      assert.deepEqual(await storage.statBlob({ key }), kept);
      const info = await thumbnail.getImageInfo({ sourceDigest: source, store: OWN_STORE });
      assert.deepEqual([info.width, info.height], [1250, 1150]);
      await assert.rejects(askIn('other.example', source), { reason: 'INVALID_PARAM' });
    });

    it('prepares the standard sizes in the store of their source', async () => {
      const sourceDigest = await put(await quarters(1200, 800).jpeg().toBuffer(), OWN_STORE);
      await eventually(async () => assert.deepEqual(await thumbnail.prepareThumbnails({ sourceDigest, store: OWN_STORE }), { prepared: true }));
      const key = { digest: sourceDigest, derivation: 'thumbnail-v2-800x600-scale' };
      await eventually(() => storage.statBlob({ key: { ...key, store: OWN_STORE } }));
      await assert.rejects(storage.statBlob({ key: { ...key, store: COMMON_STORE } }), { reason: 'NOT_FOUND' });
    });

    async function put(bytes: Buffer, store: string = COMMON_STORE): Promise<string> {
      const { blob } = await storage.putBlob(parts(bytes, store));
      assert.equal(blob?.digest, createHash('sha256').update(bytes).digest('hex'));
      return blob.digest;
    }

    function ask(sourceDigest: string, width: number, height: number, method: ThumbnailMethod): Promise<GetThumbnailResponse> {
      return thumbnail.getThumbnail({ sourceDigest, store: COMMON_STORE, spec: { width, height, method, animated: false } });
    }

    function askIn(store: string, sourceDigest: string): Promise<GetThumbnailResponse> {
      return thumbnail.getThumbnail({ sourceDigest, store, spec: { width: 1024, height: 1024, method: SCALE, animated: false } });
    }
  });
}

async function* parts(bytes: Buffer, store: string): AsyncGenerator<PutBlobRequest> {
  yield { part: { $case: 'header', value: { maxBytes: 2 ** 30, derivedKey: undefined, store } } };
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield { part: { $case: 'chunk', value: bytes.subarray(at, at + 65_536) } };
  yield { part: { $case: 'trailer', value: { sizeBytes: bytes.byteLength } } };
}

function inline({ body }: GetThumbnailResponse): Uint8Array {
  return body?.$case === 'inline' ? body.value : assert.fail('not inline');
}
