import { serveGrpc } from '@medley/grpc/server';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { RunningService } from '@medley/runtime/running-service';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { Logger } from '@medley/telemetry/logger';
import { StoreCalls } from '@medley/telemetry/store-calls';
import { openFilesystemBlobStore } from './adapters/filesystem/filesystem-blob-store.ts';
import { BlobVerifier } from './blob-verifier.ts';
import { toStorageConfig, type StoreConfig } from './config.ts';
import { openDataPort } from './data/data-port.ts';
import type { BlobStore } from './ports/blob-store.ts';
import { createStorageService } from './rpc/storage-service.ts';
import { StoreState } from './store-state.ts';
import { timeBlobStore } from './timed-blob-store.ts';

/** Starts the storage service: its store, its data port and its RPCs. Starts, too, while the object store can't be reached. */
export async function startStorage({ config, log, meter }: ServiceContext): Promise<RunningService> {
  const { store: storeConfig, dataPort: dataConfig, grpc, verifyAgainAfterMs, uploadStallMs, downloadStallMs } = toStorageConfig(config);
  await using opened = new AsyncDisposableStack();
  const verifier = new BlobVerifier({ againAfterMs: verifyAgainAfterMs, log, meter });
  const store = opened.use(await openStore(storeConfig, { log, verifier, calls: new StoreCalls(meter, storeConfig.kind) }));
  const state = new StoreState(storeConfig.kind, store);
  const dataPort = await openDataPort({ store, ...dataConfig, uploadStallMs, downloadStallMs, log, meter });
  opened.defer(() => dataPort.stop(0));
  const sharesFolder = storeConfig.kind === 'filesystem' && storeConfig.isShared;
  const implementation = createStorageService({ store, state, links: dataPort.links, sharesFolder });
  const { listen, token, tls } = grpc;
  const server = await serveGrpc({ service: StorageServiceDefinition, implementation, listen, token, tls, log, meter });
  opened.move();
  return {
    name: 'storage',
    addresses: { grpc: server.address, data: dataPort.address },
    readiness: () => readiness(state),
    dependencies: [state.dependency],
    announceStop: () => dataPort.announceStop(),
    async stop(graceMs) {
      await Promise.all([server.stop(graceMs), dataPort.stop(graceMs)]);
      await store[Symbol.asyncDispose]();
    },
  };
}

interface StoreTools {
  readonly log: Logger;
  readonly verifier: BlobVerifier;
  readonly calls: StoreCalls;
}

async function openStore(config: StoreConfig, { log, verifier, calls }: StoreTools): Promise<BlobStore> {
  if (config.kind === 'filesystem') return timeBlobStore(await openFilesystemBlobStore(config.folder, log, verifier, config.minFreeBytes), calls);
  // Loaded where it is used: S3's client is a fifth of the start and of the memory of a small server.
  const { openS3BlobStore } = await import('./adapters/s3/s3-blob-store.ts');
  return openS3BlobStore(config, log, verifier, calls);
}

async function readiness(state: StoreState): Promise<readonly string[]> {
  try {
    await state.check();
    return [];
  } catch (error) {
    return [`storage: ${error instanceof Error ? error.message : String(error)}`];
  }
}
