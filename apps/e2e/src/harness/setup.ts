import { WEB_NETWORK } from '@medley/testing/scripted-web';
import type { Config } from './site.ts';

/** What the endpoint suites' Medley takes at most; larger than any buffer should be. */
export const MAX_UPLOAD_BYTES = 96 * 2 ** 20;
/** The longest wait for a pending upload; short, since tests wait for it. */
export const MAX_WAIT_MS = 1500;

/** The configuration that the endpoint suites expect. */
export const ENDPOINT_CONFIG: Config = {
  uploads: { max_bytes: MAX_UPLOAD_BYTES },
  downloads: { max_wait: MAX_WAIT_MS },
  url_previews: { ports: 'any', allowed_networks: [WEB_NETWORK], max_image_bytes: '1M', timeout: '3s' },
};
