import { access } from 'node:fs/promises';
import type { MedleyConfig } from '@medley/config/schema';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { ConfigSource } from './cli-config.ts';
import type { CommonOptions } from './options.ts';
import { spawnStores } from './spawn-stores.ts';

/** The two services that a job works on. */
export interface Stores extends AsyncDisposable {
  readonly metadata: ConnectedClient<MetadataServiceDefinition>;
  readonly storage: ConnectedClient<StorageServiceDefinition>;
}

/**
 * Connects to the services of a cluster, or, where the records are embedded, opens the stores in a process of their own:
 * several processes may have them open. `--connect` and `--standalone` say which.
 */
export async function openStores(source: ConfigSource, { connect, standalone }: CommonOptions, signal: AbortSignal): Promise<Stores> {
  const { config } = source;
  const isCluster = config.metadata.kind === 'mongodb';
  if (connect === true || (isCluster && standalone !== true)) return connectStores(config.grpc, async () => {});
  await checkDataFolder(config);
  const spawned = await spawnStores(source, signal);
  return connectStores(spawned.addresses, () => spawned.close());
}

type Addresses = Pick<MedleyConfig['grpc'], 'metadata' | 'storage' | 'token' | 'tls'>;

function connectStores({ metadata, storage, token, tls }: Addresses, close: () => Promise<void>): Stores {
  const clients = {
    metadata: connectService(MetadataServiceDefinition, { address: metadata, token, tls }),
    storage: connectService(StorageServiceDefinition, { address: storage, token, tls }),
  };
  return {
    ...clients,
    async [Symbol.asyncDispose]() {
      clients.metadata.close();
      clients.storage.close();
      await close();
    },
  };
}

/** A mistyped folder must not become a new, empty Medley. */
async function checkDataFolder({ data_dir: folder, metadata, storage }: MedleyConfig): Promise<void> {
  if (metadata.kind !== 'sqlite' && storage.kind !== 'filesystem') return;
  try {
    await access(folder);
  } catch (error) {
    throw new Error(`the data folder ${folder} can't be reached`, { cause: error });
  }
}
