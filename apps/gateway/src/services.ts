import { connectService, type ConnectedClient, type ConnectOptions } from '@medley/grpc/client';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { ThumbnailServiceDefinition } from '@medley/proto/thumbnail';
import { UrlPreviewServiceDefinition } from '@medley/proto/url-preview';
import type { GrpcConfig } from '@medley/config/schema';

/** The services that the gateway calls. */
export interface Services {
  readonly metadata: ConnectedClient<typeof MetadataServiceDefinition>['rpc'];
  readonly storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  readonly thumbnail: ConnectedClient<typeof ThumbnailServiceDefinition>['rpc'];
  readonly urlPreview: ConnectedClient<typeof UrlPreviewServiceDefinition>['rpc'];
  close(): void;
}

export function connectServices(grpc: GrpcConfig): Services {
  const to = (address: string): ConnectOptions => ({ address, token: grpc.token, tls: grpc.tls });
  const metadata = connectService(MetadataServiceDefinition, to(grpc.metadata));
  const storage = connectService(StorageServiceDefinition, to(grpc.storage));
  const thumbnail = connectService(ThumbnailServiceDefinition, to(grpc.thumbnail));
  const urlPreview = connectService(UrlPreviewServiceDefinition, to(grpc.url_preview));
  return {
    metadata: metadata.rpc,
    storage: storage.rpc,
    thumbnail: thumbnail.rpc,
    urlPreview: urlPreview.rpc,
    close: () => [metadata, storage, thumbnail, urlPreview].forEach((client) => client.close()),
  };
}
