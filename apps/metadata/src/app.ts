import { MediaError } from '@medley/domain/media-error';
import { serveGrpc } from '@medley/grpc/server';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import type { ServiceContext } from '@medley/runtime/run-service';
import { Dependency } from '@medley/runtime/dependency';
import type { RunningService } from '@medley/runtime/running-service';
import type { Logger } from '@medley/telemetry/logger';
import { StoreCalls } from '@medley/telemetry/store-calls';
import { openMongoDbStore } from './adapters/mongodb/mongodb-store.ts';
import { openSqliteStore } from './adapters/sqlite/sqlite-store.ts';
import { toMetadataConfig, type StoreConfig } from './config.ts';
import type { MetadataStore } from './ports/metadata-store.ts';
import { createMetadataService } from './rpc/metadata-service.ts';
import { ChangeFeed } from './usecases/change-feed.ts';
import { lookUp } from './usecases/look-up.ts';
import { Waiters } from './usecases/waiters.ts';

const READINESS_TIMEOUT_MS = 2000;

/** Starts the metadata service, which keeps one record per media. */
export async function startMetadata({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const config = toMetadataConfig(whole);
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore(config.store, log, new StoreCalls(meter, config.store.kind)));
  const database = new Dependency(config.store.kind);
  const waiters = new Waiters({ find: (uris, signal) => lookUp(store, uris, signal) });
  const changes = new ChangeFeed({ acts: store.acts });
  const server = await serveGrpc({
    ...config.grpc, service: MetadataServiceDefinition, implementation: createMetadataService({ store, waiters, changes, ownNames: config.ownNames }), log, meter,
  });
  const owned = opened.move();
  return {
    name: 'metadata',
    addresses: { grpc: server.address },
    readiness: () => readiness(store, database),
    dependencies: [database],
    async stop(graceMs) {
      // Long calls would hold the others up; their callers ask another replica.
      waiters.close();
      changes.close();
      await server.stop(graceMs);
      await owned.disposeAsync();
    },
  };
}

async function openStore(config: StoreConfig, log: Logger, calls: StoreCalls): Promise<MetadataStore> {
  switch (config.kind) {
    case 'sqlite':
      return openSqliteStore(config.path, { calls });
    case 'mongodb':
      return openMongoDbStore(config, log, { calls });
  }
}

async function readiness(store: MetadataStore, database: Dependency): Promise<readonly string[]> {
  try {
    await database.check(() => store.check(AbortSignal.timeout(READINESS_TIMEOUT_MS)));
    return [];
  } catch (error) {
    return [`metadata store: ${error instanceof MediaError ? error.message : 'no answer'}`];
  }
}
