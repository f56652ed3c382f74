import type { MediaContent } from '@medley/proto/metadata/media';
import type { Gateway } from '../gateway.ts';
import { getImageInfo } from './get-image-info.ts';

/** The BlurHash of what was just uploaded, if there can be one now: an upload that is recorded fails for nothing. */
export async function findBlurHash(gateway: Gateway, content: MediaContent | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (content === undefined) return undefined;
  try {
    return (await getImageInfo(gateway, content, signal))?.blurhash;
  } catch (error) {
    gateway.log.info({ err: error }, 'no BlurHash for an upload');
    return undefined;
  }
}
