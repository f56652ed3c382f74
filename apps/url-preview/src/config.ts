import type { GrpcConfig, MedleyConfig } from '@medley/config/schema';
import type { UrlPreviewsConfig } from '@medley/config/url-previews';

/** What the url-preview service takes from the configuration. */
export interface UrlPreviewServiceConfig {
  readonly grpc: Pick<GrpcConfig, 'listen' | 'storage' | 'token' | 'tls'>;
  readonly previews: UrlPreviewsConfig;
  readonly maxImagePixels: number;
}

export function readUrlPreviewConfig({ grpc, url_previews: previews, thumbnails }: MedleyConfig): UrlPreviewServiceConfig {
  return { grpc, previews, maxImagePixels: thumbnails.max_source_pixels };
}
