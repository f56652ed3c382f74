import { serveGrpc } from '@medley/grpc/server';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { RunningService } from '@medley/runtime/running-service';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { Logger } from '@medley/telemetry/logger';
import { openFilesystemBlobStore } from './adapters/filesystem/filesystem-blob-store.ts';
import { BlobVerifier } from './blob-verifier.ts';
import { toStorageConfig, type StoreConfig } from './config.ts';
import { openDataPort } from './data/data-port.ts';
import type { BlobStore } from './ports/blob-store.ts';
import { createStorageService } from './rpc/storage-service.ts';

const READINESS_TIMEOUT_MS = 2000;

/** Starts the storage service: its store, its data port and its RPCs. Starts, too, while the object store can't be reached. */
export async function startStorage({ config, log, meter }: ServiceContext): Promise<RunningService> {
  const { store: storeConfig, dataPort: dataConfig, grpc, verifyAgainAfterMs, uploadStallMs, downloadStallMs } = toStorageConfig(config);
  await using opened = new AsyncDisposableStack();
  const verifier = new BlobVerifier({ againAfterMs: verifyAgainAfterMs, log, meter });
  const store = opened.use(await openStore(storeConfig, log, verifier));
  const dataPort = await openDataPort({ store, ...dataConfig, uploadStallMs, downloadStallMs, log, meter });
  opened.defer(() => dataPort.stop(0));
  const sharesFolder = storeConfig.kind === 'filesystem' && storeConfig.isShared;
  const implementation = createStorageService({ store, links: dataPort.links, sharesFolder });
  const { listen, token, tls } = grpc;
  const server = await serveGrpc({ service: StorageServiceDefinition, implementation, listen, token, tls, log, meter });
  opened.move();
  return {
    name: 'storage',
    addresses: { grpc: server.address, data: dataPort.address },
    readiness: () => readiness(store),
    announceStop: () => dataPort.announceStop(),
    async stop(graceMs) {
      await Promise.all([server.stop(graceMs), dataPort.stop(graceMs)]);
      await store[Symbol.asyncDispose]();
    },
  };
}

async function openStore(config: StoreConfig, log: Logger, verifier: BlobVerifier): Promise<BlobStore> {
  if (config.kind === 'filesystem') return openFilesystemBlobStore(config.folder, log, verifier);
  // Loaded where it is used: S3's client is a fifth of the start and of the memory of a small server.
  const { openS3BlobStore } = await import('./adapters/s3/s3-blob-store.ts');
  return openS3BlobStore(config, log, verifier);
}

async function readiness(store: BlobStore): Promise<readonly string[]> {
  try {
    await store.check(AbortSignal.timeout(READINESS_TIMEOUT_MS));
    return [];
  } catch (error) {
    return [`storage: ${error instanceof Error ? error.message : String(error)}`];
  }
}
