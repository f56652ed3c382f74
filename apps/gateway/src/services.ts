import { connectService, type ConnectedClient, type ConnectOptions } from '@medley/grpc/client';
import { Replicas } from '@medley/grpc/replicas';
import { FederationFetchServiceDefinition } from '@medley/proto/federation-fetch';
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
  /** Of url-preview, for what all who ask for the same URL should ask the same one. */
  readonly previewReplicas: Replicas<typeof UrlPreviewServiceDefinition>;
  /** Of federation-fetch, for what all who ask for the same media should ask the same one. */
  readonly fetchReplicas: Replicas<typeof FederationFetchServiceDefinition>;
  close(): void;
}

export function connectServices(grpc: GrpcConfig): Services {
  const to = (address: string): ConnectOptions => ({ address, token: grpc.token, tls: grpc.tls });
  const metadata = connectService(MetadataServiceDefinition, to(grpc.metadata));
  const storage = connectService(StorageServiceDefinition, to(grpc.storage));
  const thumbnail = connectService(ThumbnailServiceDefinition, to(grpc.thumbnail));
  const previewReplicas = new Replicas(UrlPreviewServiceDefinition, to(grpc.url_preview));
  const fetchReplicas = new Replicas(FederationFetchServiceDefinition, to(grpc.federation_fetch));
  return {
    metadata: metadata.rpc,
    storage: storage.rpc,
    thumbnail: thumbnail.rpc,
    previewReplicas,
    fetchReplicas,
    close: () => [metadata, storage, thumbnail, previewReplicas, fetchReplicas].forEach((client) => client.close()),
  };
}
