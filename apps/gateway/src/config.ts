import type { GrpcConfig, HomeserverConfig, MedleyConfig } from '@medley/config/schema';
import type { UrlPreviewsConfig } from '@medley/config/url-previews';

/** The gateway's part of the configuration. */
export interface GatewayConfig {
  readonly listen: { readonly host: string; readonly port: number };
  readonly homeservers: readonly HomeserverConfig[];
  readonly uploads: MedleyConfig['uploads'];
  readonly downloads: MedleyConfig['downloads'];
  readonly freezeUnauthenticated: boolean;
  readonly cache: MedleyConfig['cache'];
  readonly thumbnailTimeoutMs: number;
  /** Whether the standard sizes are made right after an upload. */
  readonly preparesThumbnails: boolean;
  /** Whether blobs lie in a folder that this process sees at the same path. */
  readonly readsBlobFolder: boolean;
  /** How long a blob that was read and found right is believed to be so. */
  readonly verifyAgainAfterMs: number;
  readonly previews: UrlPreviewsConfig;
  readonly grpc: GrpcConfig;
}

export function toGatewayConfig(config: MedleyConfig): GatewayConfig {
  return {
    listen: config.listen,
    homeservers: config.homeservers,
    uploads: config.uploads,
    downloads: config.downloads,
    freezeUnauthenticated: config.media.freeze_unauthenticated,
    cache: config.cache,
    thumbnailTimeoutMs: config.thumbnails.timeout,
    preparesThumbnails: config.thumbnails.prepare === 'standard',
    readsBlobFolder: config.storage.kind === 'filesystem' && config.storage.shared,
    verifyAgainAfterMs: config.storage.verify_again_after,
    previews: config.url_previews,
    grpc: config.grpc,
  };
}
