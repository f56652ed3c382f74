import { connectService, type ConnectedClient, type ConnectOptions } from '@medley/grpc/client';
import { Replicas } from '@medley/grpc/replicas';
import { FederationFetchServiceDefinition } from '@medley/proto/federation-fetch';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { ThumbnailServiceDefinition } from '@medley/proto/thumbnail';
import { UrlPreviewServiceDefinition } from '@medley/proto/url-preview';
import type { GrpcConfig } from '@medley/config/schema';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';

/** The services that the gateway calls. */
export interface Services {
  readonly metadata: ConnectedClient<typeof MetadataServiceDefinition>['rpc'];
  /** Of metadata, for the limits that one replica keeps for all gateways. */
  readonly metadataReplicas: Replicas<typeof MetadataServiceDefinition>;
  readonly storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  readonly thumbnail: ConnectedClient<typeof ThumbnailServiceDefinition>['rpc'];
  /** Of url-preview, for what all who ask for the same URL should ask the same one. */
  readonly previewReplicas: Replicas<typeof UrlPreviewServiceDefinition>;
  /** Of federation-fetch, for what all who ask for the same media should ask the same one. */
  readonly fetchReplicas: Replicas<typeof FederationFetchServiceDefinition>;
  close(): void;
}

export function connectServices({ token, tls, ...grpc }: GrpcConfig, log: Logger, meter: Meter): Services {
  const onTlsProblem = (error: Error): void => log.warn({ error: error.message }, 'new certificates can not be used');
  const to = (address: string): ConnectOptions => ({ address, token, tls, onTlsProblem, meter });
  const metadata = connectService(MetadataServiceDefinition, to(grpc.metadata));
  const metadataReplicas = new Replicas(MetadataServiceDefinition, to(grpc.metadata));
  const storage = connectService(StorageServiceDefinition, to(grpc.storage));
  const thumbnail = connectService(ThumbnailServiceDefinition, to(grpc.thumbnail));
  const previewReplicas = new Replicas(UrlPreviewServiceDefinition, to(grpc.url_preview));
  const fetchReplicas = new Replicas(FederationFetchServiceDefinition, to(grpc.federation_fetch));
  return {
    metadata: metadata.rpc,
    metadataReplicas,
    storage: storage.rpc,
    thumbnail: thumbnail.rpc,
    previewReplicas,
    fetchReplicas,
    close: () => [metadata, metadataReplicas, storage, thumbnail, previewReplicas, fetchReplicas].forEach((client) => client.close()),
  };
}
