import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { serveGrpc } from '@medley/grpc/server';
import type { CommitUploadRequest, RecordUploadRequest } from '@medley/proto/metadata';
import type { LocateBlobRequest, LocatePublicBlobRequest, LocateUploadRequest } from '@medley/proto/storage';
import { ThumbnailServiceDefinition, type GetImageInfoRequest, type GetThumbnailRequest } from '@medley/proto/thumbnail';
import { UrlPreviewServiceDefinition } from '@medley/proto/url-preview';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { authorize, BYTES, startFederation, URI } from './federation.fixture.ts';
import { serveHttp, startTestGateway, TOKEN, withoutOthers, type TestGateway } from './gateway.fixture.ts';

const OWN = 'a.example';
const GONE = 'gone.example';
const STORES = ['', OWN, 'b.example'];
const BODY = Buffer.from('uploaded');
const DIGEST = createHash('sha256').update(BODY).digest('hex');
const TENANT = { server_name: OWN, static_tokens: [{ token: TOKEN, user_id: `@u:${OWN}` }] };

/** Bytes that tell which store they were read from; all of one length. */
const bytesOf = (store: string): Buffer => Buffer.from(`in the store ${JSON.stringify(store)}`.padEnd(40));

function requireKnown(store: string): void {
  if (store === GONE) throw new MediaError('INVALID_PARAM', 'No such store');
}

interface Scene extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** The stores that were named, in order, with the operation that did. */
  readonly asked: [operation: string, store: string | undefined][];
  /** What was recorded, or committed. */
  readonly recorded: (string | undefined)[];
  /** Gets something of a media, where `{}` stands for its name. */
  get(path: string): Promise<Response>;
}

/** A gateway of one tenant, with a store of its own or without, between fakes that know three stores. */
async function start(tenant: object = { storage: { path: '/nowhere' } }, parts: object = {}): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const { asked, recorded }: Pick<Scene, 'asked' | 'recorded'> = { asked: [], recorded: [] };
  const note = (operation: string, store: string | undefined): void => {
    asked.push([operation, store]);
    requireKnown(store ?? '');
  };
  const dataPort = opened.use(await serveHttp(async (request, response) => {
    const { length } = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    response.end(JSON.stringify({ digest: DIGEST, size_bytes: length }));
  }));
  const thumbnails = withoutOthers(ThumbnailServiceDefinition, {
    getThumbnail: async ({ store }: GetThumbnailRequest) => {
      note('thumbnail', store);
      return { contentType: 'image/png', version: 'v', sizeBytes: 40, body: { $case: 'inline', value: bytesOf(store) } };
    },
    getImageInfo: async ({ store }: GetImageInfoRequest) => {
      note('info', store);
      return { contentType: 'image/png', width: 1, height: 2, frameCount: 1, blurhash: 'b', thumbhash: new Uint8Array() };
    },
    prepareThumbnails: async ({ store }: { readonly store: string }) => {
      note('prepare', store);
      return { prepared: true };
    },
  });
  const server = await serveGrpc({ service: ThumbnailServiceDefinition, implementation: thumbnails, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => server.stop(0));
  const storage = {
    locateUpload: async ({ store }: LocateUploadRequest) => {
      note('upload', store);
      return { http: { url: dataPort.url, expiresAtMs: 0 } };
    },
    locateBlob: async ({ key }: LocateBlobRequest) => {
      note('blob', key?.store);
      return { sizeBytes: 40, location: { $case: 'inline', value: bytesOf(key?.store ?? '') } };
    },
    locatePublicBlob: async ({ key }: LocatePublicBlobRequest) => {
      note('public', key?.store);
      return { sizeBytes: 40, http: { url: `https://objects.example.org/${key?.store}`, expiresAtMs: 0 } };
    },
  };
  const gateway = opened.use(await startTestGateway(storage, { homeservers: [{ ...TENANT, ...tenant }], grpc: { thumbnail: server.address }, ...parts }));
  const { metadata } = gateway;
  metadata.recordUpload = async ({ content }: RecordUploadRequest) => {
    recorded.push(content?.store);
    return { record: metadata.add('uploaded', DIGEST, BODY.byteLength) };
  };
  metadata.commitUpload = async ({ content }: CommitUploadRequest) => void recorded.push(content?.store);
  for (const store of [...STORES, GONE]) metadata.add(nameOf(store), DIGEST, 40, store);
  const owned = opened.move();
  return {
    gateway,
    asked,
    recorded,
    get: (path) => fetch(gateway.url + path, { headers: { authorization: `Bearer ${TOKEN}` }, redirect: 'manual' }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The media id of what lies in a store. */
const nameOf = (store: string): string => (store === '' ? 'common' : store.replace('.', '-'));

const WAYS = {
  blob: `/_matrix/client/v1/media/download/${OWN}/{}`,
  thumbnail: `/_matrix/client/v1/media/thumbnail/${OWN}/{}?width=32&height=32&method=crop`,
  info: `/_medley/v1/media/${OWN}/{}/info`,
} as const;

describe('an upload', () => {
  for (const [tenant, store] of [[{ storage: { path: '/nowhere' } }, OWN], [{}, '']] as const) {
    it(`goes into ${store === '' ? 'the common store where its tenant has none of its own' : 'its tenant’s own store'}, and its record says so, whether its URI came before or after`, async () => {
      await using scene = await start(tenant);
      assert.equal((await scene.gateway.upload(BODY)).status, 200);
      const headers = { authorization: `Bearer ${TOKEN}` };
      const late = await fetch(`${scene.gateway.url}/_matrix/media/v3/upload/${OWN}/reserved`, { method: 'PUT', headers, body: BODY });
      assert.equal(late.status, 200, await late.text());
      assert.deepEqual(scene.asked, [['upload', store], ['upload', store]]);
      assert.deepEqual(scene.recorded, [store, store]);
    });
  }

  it('has its thumbnails prepared, and its BlurHash made, in its store', async () => {
    await using scene = await start(undefined, { thumbnails: { prepare: 'standard' } });
    const { metadata } = scene.gateway;
    metadata.recordUpload = async () => ({ record: metadata.add('uploaded', DIGEST, BODY.byteLength, OWN) });
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'image/png' };
    const query = 'xyz.amorgan.generate_blurhash=true';
    const answer = await fetch(`${scene.gateway.url}/_matrix/media/v3/upload?${query}`, { method: 'POST', headers, body: BODY });
    assert.equal(answer.status, 200);
    await eventually(() => assert.deepEqual(scene.asked.toSorted(), [['info', OWN], ['prepare', OWN], ['upload', OWN]]));
  });
});

describe('what a record names', () => {
  for (const [operation, path] of Object.entries(WAYS)) {
    it(`is looked for by ${operation} in the store that the record says, whatever is configured now, and never taken for the same bytes in another`, async () => {
      await using scene = await start();
      for (let round = 0; round < 2; round += 1) {
        for (const store of STORES) {
          const answer = await scene.get(path.replace('{}', nameOf(store)));
          assert.equal(answer.status, 200);
          const body = await answer.text();
          if (operation !== 'info') assert.equal(body, bytesOf(store).toString());
        }
      }
      const once = STORES.map((store) => [operation, store]);
      assert.deepEqual(scene.asked, operation === 'info' ? [...once, ...once] : once);
    });

    it(`is for ${operation} as in a store that is away, where its store is not configured any more`, async () => {
      await using scene = await start();
      const answer = await scene.get(path.replace('{}', nameOf(GONE)));
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1']);
      assert.deepEqual(await answer.json(), { errcode: 'M_UNKNOWN', error: 'storage is not available' });
      assert.deepEqual(scene.asked, [[operation, GONE]]);
    });
  }

  it('is what its reader is sent for', async () => {
    const storage = { kind: 's3', endpoint: 'http://127.0.0.1:9', bucket: 'medley', access_key: 'a', secret_key: 'b', public_endpoint: 'https://objects.example.org' };
    await using scene = await start({ storage: { bucket: 'another' } }, { storage, downloads: { redirect: 'on', redirect_min_bytes: 1 } });
    for (const store of STORES) {
      const answer = await scene.get(WAYS.blob.replace('{}', nameOf(store)));
      assert.deepEqual([answer.status, answer.headers.get('location')], [307, `https://objects.example.org/${store}`]);
    }
    assert.equal((await scene.get(WAYS.blob.replace('{}', nameOf(GONE)))).status, 503);
  });

  it('is what other servers are given', async () => {
    const asked: (string | undefined)[] = [];
    const locateBlob = async ({ key }: LocateBlobRequest) => {
      asked.push(key?.store);
      return { sizeBytes: BYTES.byteLength, location: { $case: 'inline', value: BYTES } };
    };
    await using scene = await startFederation({ storage: { locateBlob } });
    scene.gateway.metadata.add('media', DIGEST, BYTES.byteLength, 'b.example');
    assert.equal((await scene.get(URI, authorize())).status, 200);
    assert.deepEqual(asked, ['b.example']);
  });
});

describe('the image of a URL preview', () => {
  it('is recorded where the url-preview service has put it: in the store that all share', async () => {
    const image = { digest: DIGEST, sizeBytes: 40, contentType: 'image/png', width: 1, height: 1 };
    const previewUrl = async () => ({ properties: [], image, siteLogo: undefined, freshMs: undefined });
    const implementation = withoutOthers(UrlPreviewServiceDefinition, { previewUrl });
    const server = await serveGrpc({ service: UrlPreviewServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
    try {
      await using scene = await start(undefined, { grpc: { url_preview: server.address }, url_previews: { enabled: true } });
      const answer = await scene.get('/_matrix/client/v1/media/preview_url?url=https%3A%2F%2Fpage.example%2F');
      assert.equal(answer.status, 200, await answer.text());
      assert.deepEqual(scene.recorded, ['']);
    } finally {
      await server.stop(0);
    }
  });
});
