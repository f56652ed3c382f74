import { MediaError } from '@medley/domain/media-error';
import type { MediaContent } from '@medley/proto/metadata/media';
import type { GetImageInfoResponse } from '@medley/proto/thumbnail';
import type { Gateway } from '../gateway.ts';
import { askStore } from './ask-store.ts';

/** Beyond what the thumbnail service may take itself. */
const CALL_MARGIN_MS = 2000;

/** What the image that a record names looks like, or `undefined` where the bytes are no image that can be read. Fails with BUSY or TIMED_OUT. */
export async function getImageInfo(gateway: Gateway, { digest, store }: MediaContent, signal: AbortSignal): Promise<GetImageInfoResponse | undefined> {
  try {
    const timeoutMs = gateway.config.thumbnailTimeoutMs + CALL_MARGIN_MS;
    return await askStore(gateway, { store, digest }, gateway.services.thumbnail.getImageInfo({ sourceDigest: digest, store }, { signal, timeoutMs }));
  } catch (error) {
    if (error instanceof MediaError && (error.reason === 'CANNOT_THUMBNAIL' || error.reason === 'TOO_LARGE')) return undefined;
    throw error;
  }
}
