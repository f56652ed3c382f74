import { setTimeout as sleep } from 'node:timers/promises';
import { ByteLane } from '@medley/byte-lane/byte-lane';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService } from '@medley/grpc/client';
import { openPeerIdentity } from '@medley/grpc/peer-identity';
import { serveGrpc } from '@medley/grpc/server';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { ThumbnailServiceDefinition } from '@medley/proto/thumbnail';
import { Dependency } from '@medley/runtime/dependency';
import { listMissing } from '@medley/runtime/list-missing';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';
import { StorageBlobs } from './adapters/storage-service/storage-blobs.ts';
import { readThumbnailConfig } from './config.ts';
import type { DecoderPool } from './decoder/decoder-pool.ts';
import { startDecoders } from './decoder/start-decoders.ts';
import { Maker } from './maker.ts';
import { thumbnailMetrics } from './metrics.ts';
import { getImageInfo } from './rpc/get-image-info.ts';
import { getThumbnail } from './rpc/get-thumbnail.ts';
import { prepareThumbnails } from './rpc/prepare-thumbnails.ts';
import { Slots } from './slots.ts';
import { Thumbnailer } from './thumbnailer.ts';

const READINESS_TIMEOUT_MS = 2000;

/** Starts the thumbnail service. */
export async function startThumbnail({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const config = readThumbnailConfig(whole);
  const { listen, token, tls } = config.grpc;
  await using opened = new AsyncDisposableStack();
  const lane = opened.use(new ByteLane(config.slots.slots, openPeerIdentity(config.grpc.storage, tls)));
  const storage = connectService(StorageServiceDefinition, { address: config.grpc.storage, token, tls, meter });
  opened.defer(() => storage.close());
  const decoders = opened.use(startDecoders(config, log));
  const slots = new Slots(config.slots);
  const blobs = new StorageBlobs({ ...config, storage: storage.rpc, lane });
  const maker = new Maker({ ...config, blobs, decoders, slots, metrics: thumbnailMetrics(meter, slots), log });
  const thumbnailer = new Thumbnailer(blobs, (making) => maker.make(making));
  const implementation = {
    getThumbnail: getThumbnail(thumbnailer),
    prepareThumbnails: prepareThumbnails(thumbnailer),
    getImageInfo: getImageInfo(thumbnailer),
  };
  const server = await serveGrpc({ service: ThumbnailServiceDefinition, implementation, listen, token, tls, log, meter });
  const [blobStore, decoding] = [new Dependency('storage'), new Dependency('decoders')];
  const askStorage = (): Promise<unknown> => storage.rpc.locateUpload({ maxBytes: 1, store: COMMON_STORE }, { timeoutMs: READINESS_TIMEOUT_MS });
  const rest = opened.move();
  return {
    name: 'thumbnail',
    addresses: { grpc: server.address },
    readiness: () => listMissing([{ dependency: blobStore, ask: askStorage }, { dependency: decoding, ask: async () => requireDecoder(decoders) }]),
    dependencies: [blobStore, decoding],
    async stop(graceMs) {
      const graceOver = sleep(graceMs, undefined, { ref: false });
      await server.stop(graceMs);
      await Promise.race([thumbnailer.settled(), graceOver]);
      await rest.disposeAsync();
    },
  };
}

function requireDecoder(decoders: DecoderPool): void {
  const [problem] = decoders.readiness();
  if (problem !== undefined) throw new MediaError('SERVICE_UNAVAILABLE', problem);
}
