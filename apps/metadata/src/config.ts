import { join } from 'node:path';
import type { GrpcConfig, MedleyConfig } from '@medley/config/schema';

/** The metadata service's part of the configuration. */
export interface MetadataConfig {
  readonly grpc: Pick<GrpcConfig, 'listen' | 'token' | 'tls'>;
  readonly store: StoreConfig;
  /** Our server names. */
  readonly ownNames: ReadonlySet<string>;
}

/** Where the records are kept. */
export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'mongodb'; readonly uri: string; readonly database: string };

export function toMetadataConfig({ grpc, homeservers, metadata, data_dir: dataDir }: MedleyConfig): MetadataConfig {
  const { listen, token, tls } = grpc;
  return {
    grpc: { listen, token, tls },
    ownNames: new Set(homeservers.map(({ server_name: name }) => name)),
    store: metadata.kind === 'sqlite' ? { kind: 'sqlite', path: join(dataDir, 'metadata', 'medley.db') } : metadata,
  };
}
