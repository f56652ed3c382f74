import type { ContentScannerConfig } from '@medley/config/content-scanner';
import type { FederationConfig } from '@medley/config/federation';
import type { ListenConfig } from '@medley/config/listen';
import { storeNames } from '@medley/config/own-stores';
import type { PolicyConfig } from '@medley/config/policies';
import type { QuotasConfig } from '@medley/config/quotas';
import type { RateLimitsConfig } from '@medley/config/rate-limits';
import type { RetentionConfig } from '@medley/config/retention';
import type { GrpcConfig, HomeserverConfig, MedleyConfig } from '@medley/config/schema';
import { toTrashTimes, type TrashTimes } from '@medley/config/trash-times';
import type { UrlPreviewsConfig } from '@medley/config/url-previews';
import type { WebhookConfig } from '@medley/config/webhook';
import type { StoreName } from '@medley/domain/store-name';

/** The gateway's part of the configuration. */
export interface GatewayConfig {
  readonly listen: ListenConfig;
  readonly homeservers: readonly HomeserverConfig[];
  readonly globalAdmins: readonly string[];
  /** All stores that are configured, the common one first. */
  readonly stores: readonly StoreName[];
  readonly uploads: MedleyConfig['uploads'];
  readonly quotas: QuotasConfig;
  readonly policies: readonly PolicyConfig[];
  /** How long room within a quota is kept for an upload; longer than it may take. */
  readonly reservationMs: number;
  /** Whether there is a content scanner. */
  readonly hasScanner: boolean;
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
  /** How long deleted media can be restored. */
  readonly trashOf: TrashTimes;
  readonly federation: FederationConfig;
  readonly rateLimits: RateLimitsConfig;
  readonly contentScanner: ContentScannerConfig | undefined;
  readonly grpc: GrpcConfig;
  /** Whether a request may go on with a trace that it names. */
  readonly trustsTraceparent: boolean;
}

/** What an upload may take beside its body: to be scanned, and recorded. */
const RESERVATION_MARGIN_MS = 3_600_000;

export function toGatewayConfig(config: MedleyConfig): GatewayConfig {
  return {
    listen: config.listen,
    homeservers: config.homeservers,
    globalAdmins: config.global_admins,
    stores: storeNames(config),
    uploads: config.uploads,
    quotas: config.quotas,
    policies: config.policies,
    reservationMs: config.quotas.reservation_lifetime ?? config.uploads.max_duration + RESERVATION_MARGIN_MS,
    hasScanner: config.content_scanner !== undefined,
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
    trashOf: toTrashTimes(config),
    federation: config.federation,
    rateLimits: config.rate_limits,
    contentScanner: config.content_scanner,
    grpc: config.grpc,
    trustsTraceparent: config.telemetry.trust_traceparent,
  };
}
