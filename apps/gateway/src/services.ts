import { connectService, type ConnectedClient, type ConnectOptions } from '@medley/grpc/client';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { ThumbnailServiceDefinition } from '@medley/proto/thumbnail';
import type { GrpcConfig } from '@medley/config/schema';

/** The services that the gateway calls. */
export interface Services {
  readonly metadata: ConnectedClient<typeof MetadataServiceDefinition>['rpc'];
  readonly storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  readonly thumbnail: ConnectedClient<typeof ThumbnailServiceDefinition>['rpc'];
  close(): void;
}

export function connectServices(grpc: GrpcConfig): Services {
  const to = (address: string): ConnectOptions => ({ address, token: grpc.token, tls: grpc.tls });
  const metadata = connectService(MetadataServiceDefinition, to(grpc.metadata));
  const storage = connectService(StorageServiceDefinition, to(grpc.storage));
  const thumbnail = connectService(ThumbnailServiceDefinition, to(grpc.thumbnail));
  return {
    metadata: metadata.rpc,
    storage: storage.rpc,
    thumbnail: thumbnail.rpc,
    close: () => [metadata, storage, thumbnail].forEach((client) => client.close()),
  };
}
