import { MediaError } from '@medley/domain/media-error';
import type { MediaContent } from '@medley/proto/metadata/media';
import type { Gateway } from '../gateway.ts';
import { askStore } from './ask-store.ts';

/** Longer than any preparation that is worth its while; whoever uploaded does not wait for it. */
const TIMEOUT_MS = 60_000;

/** Asks for the standard thumbnails of what was just uploaded, where the operator wants that, and does not wait. */
export function prepareThumbnails(gateway: Gateway, { digest, store, contentType }: MediaContent): void {
  if (!gateway.config.preparesThumbnails || !contentType.startsWith('image/')) return;
  const answer = gateway.services.thumbnail.prepareThumbnails({ sourceDigest: digest, store }, { timeoutMs: TIMEOUT_MS });
  askStore(gateway, { store, digest }, answer).catch((error: unknown) => {
    if (error instanceof MediaError) gateway.log.debug({ reason: error.reason }, 'thumbnails were not prepared');
    else gateway.log.error({ err: error }, 'thumbnails were not prepared');
  });
}
