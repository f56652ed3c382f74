import type { FederationConfig } from '@medley/config/federation';
import type { RateLimitsConfig } from '@medley/config/rate-limits';
import type { RetentionConfig } from '@medley/config/retention';
import type { GrpcConfig, HomeserverConfig, MedleyConfig } from '@medley/config/schema';
import type { UrlPreviewsConfig } from '@medley/config/url-previews';
import type { WebhookConfig } from '@medley/config/webhook';

/** The gateway's part of the configuration. */
export interface GatewayConfig {
  readonly listen: { readonly host: string; readonly port: number };
  readonly homeservers: readonly HomeserverConfig[];
  readonly uploads: MedleyConfig['uploads'];
  readonly downloads: MedleyConfig['downloads'];
  readonly freezeUnauthenticated: boolean;
  readonly cache: MedleyConfig['cache'];
  readonly thumbnailTimeoutMs: number;
  /** What is fetched from another server to make a thumbnail of it may have so many bytes. */
  readonly remoteSourceMaxBytes: number;
  /** Whether the standard sizes are made right after an upload. */
  readonly preparesThumbnails: boolean;
  /** Whether blobs lie in a folder that this process sees at the same path. */
  readonly readsBlobFolder: boolean;
  /** How long a blob that was read and found right is believed to be so. */
  readonly verifyAgainAfterMs: number;
  readonly previews: UrlPreviewsConfig;
  readonly retention: RetentionConfig;
  readonly webhooks: readonly WebhookConfig[];
  /** How long media that an admin deleted can be restored. */
  readonly trashMs: number;
  readonly federation: FederationConfig;
  readonly remoteDownloads: RateLimitsConfig['remote_download'];
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
    remoteSourceMaxBytes: Math.min(config.thumbnails.max_source_bytes, config.downloads.max_remote_bytes),
    preparesThumbnails: config.thumbnails.prepare === 'standard',
    readsBlobFolder: config.storage.kind === 'filesystem' && config.storage.shared,
    verifyAgainAfterMs: config.storage.verify_again_after,
    previews: config.url_previews,
    retention: config.retention,
    webhooks: config.webhooks,
    trashMs: config.retention.trash,
    federation: config.federation,
    remoteDownloads: config.rate_limits.remote_download,
    grpc: config.grpc,
  };
}
