import { join } from 'node:path';
import type { GrpcConfig, MedleyConfig } from '@medley/config/schema';

/** The metadata service's part of the configuration. */
export interface MetadataConfig {
  readonly grpc: Pick<GrpcConfig, 'listen' | 'token' | 'tls'>;
  readonly store: StoreConfig;
}

/** Where the records are kept. */
export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'mongodb'; readonly uri: string; readonly database: string };

export function toMetadataConfig({ grpc, metadata, data_dir: dataDir }: MedleyConfig): MetadataConfig {
  const { listen, token, tls } = grpc;
  return {
    grpc: { listen, token, tls },
    store: metadata.kind === 'sqlite' ? { kind: 'sqlite', path: join(dataDir, 'metadata', 'medley.db') } : metadata,
  };
}
