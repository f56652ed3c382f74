import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import { serveGrpc } from '@medley/grpc/server';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { RunningService } from '@medley/runtime/running-service';
import type { ServiceContext } from '@medley/runtime/run-service';
import { VerifiedBlobs } from '@medley/streams/verified-blobs';
import type { Logger } from '@medley/telemetry/logger';
import { StoreCalls } from '@medley/telemetry/store-calls';
import { openFilesystemBlobStore } from './adapters/filesystem/filesystem-blob-store.ts';
import { toFsMediaError } from './adapters/filesystem/fs-errors.ts';
import { BlobVerifier } from './blob-verifier.ts';
import { claimStore } from './claim-store.ts';
import { toStorageConfig, type FolderConfig, type S3Config, type StorageConfig } from './config.ts';
import { openDataPort } from './data/data-port.ts';
import { openEarlyOrLate, openLate } from './late-blob-store.ts';
import type { BlobStore } from './ports/blob-store.ts';
import { requireApart } from './require-apart.ts';
import { createStorageService } from './rpc/storage-service.ts';
import { Stores } from './stores.ts';
import { timeBlobStore } from './timed-blob-store.ts';

/**
 * Starts the storage service: its stores, its data port and its RPCs. Starts, too, while the object store can't be reached, or
 * a tenant's own folder can't be used. It is ready while the common store can be used: a tenant's own is shown as a dependency, and
 * while it is away only requests for it fail, with SERVICE_UNAVAILABLE.
 */
export async function startStorage({ config, log, meter }: ServiceContext): Promise<RunningService> {
  const storageConfig = toStorageConfig(config);
  const { store: storeConfig, dataPort: dataConfig, grpc, uploadStallMs, downloadStallMs } = storageConfig;
  await using opened = new AsyncDisposableStack();
  const kept = opened.use(new AsyncDisposableStack());
  const stores = await openStores(storageConfig, { log, meter, kept });
  const dataPort = await openDataPort({ stores, ...dataConfig, uploadStallMs, downloadStallMs, log, meter });
  opened.defer(() => dataPort.stop(0));
  const sharesFolder = storeConfig.kind === 'filesystem' && storeConfig.isShared;
  const implementation = createStorageService({ stores, links: dataPort.links, sharesFolder });
  const { listen, token, tls } = grpc;
  const server = await serveGrpc({ service: StorageServiceDefinition, implementation, listen, token, tls, log, meter });
  opened.move();
  return {
    name: 'storage',
    addresses: { grpc: server.address, data: dataPort.address },
    readiness: () => readiness(stores),
    dependencies: stores.dependencies,
    announceStop: () => dataPort.announceStop(),
    async stop(graceMs) {
      await Promise.all([server.stop(graceMs), dataPort.stop(graceMs)]);
      await kept.disposeAsync();
    },
  };
}

interface Room extends Pick<ServiceContext, 'log' | 'meter'> {
  /** Takes whatever has to be closed at the end. */
  readonly kept: AsyncDisposableStack;
}

interface Tools {
  readonly calls: StoreCalls;
  /** For one store. What it logs says which, unless it is the common one. */
  of(store: StoreName): { readonly log: Logger; readonly verifier: BlobVerifier };
}

async function openStores({ store: config, verifyAgainAfterMs }: StorageConfig, { log: common, meter, kept }: Room): Promise<Stores> {
  const verified = new VerifiedBlobs(verifyAgainAfterMs);
  const tools: Tools = {
    calls: new StoreCalls(meter, config.kind),
    of(store) {
      const log = store === COMMON_STORE ? common : common.child({ store });
      return { log, verifier: new BlobVerifier({ verified, store, log, meter }) };
    },
  };
  return new Stores(config.kind, config.kind === 'filesystem' ? await openFolders(config, tools, kept) : await openBuckets(config, tools, kept));
}

async function openFolders({ folders, minFreeBytes }: FolderConfig, tools: Tools, kept: AsyncDisposableStack): Promise<Map<StoreName, BlobStore>> {
  const stores = new Map<StoreName, BlobStore>();
  for (const [name, folder] of folders) {
    const { log, verifier } = tools.of(name);
    const open = async (): Promise<BlobStore> => claimStore(await openFilesystemBlobStore(folder, log, verifier, minFreeBytes), name, log);
    const translated = (): Promise<BlobStore> => open().catch((error: unknown) => Promise.reject(toFsMediaError(error, log)));
    const store = kept.use(await (name === COMMON_STORE ? open() : openEarlyOrLate(translated)));
    stores.set(name, timeBlobStore(store, tools.calls));
  }
  await requireApart(folders);
  return stores;
}

async function openBuckets({ places, ...server }: S3Config, tools: Tools, kept: AsyncDisposableStack): Promise<Map<StoreName, BlobStore>> {
  // Loaded where it is used: S3's client is a fifth of the start and of the memory of a small server.
  const [{ S3Connection }, { openS3BlobStore }] = await Promise.all([import('./adapters/s3/s3-connection.ts'), import('./adapters/s3/s3-blob-store.ts')]);
  const connection = kept.use(new S3Connection(server, tools.calls));
  return new Map([...places].map(([name, place]) => {
    const { log, verifier } = tools.of(name);
    const store = kept.use(openS3BlobStore(connection, place, log, verifier));
    return [name, openLate(() => claimStore(store, name, log), { reopens: true })];
  }));
}

async function readiness(stores: Stores): Promise<readonly string[]> {
  try {
    await stores.check();
    return [];
  } catch (error) {
    return [`storage: ${error instanceof Error ? error.message : String(error)}`];
  }
}
