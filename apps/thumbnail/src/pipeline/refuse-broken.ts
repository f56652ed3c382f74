import { MediaError } from '@medley/domain/media-error';
import { cannotThumbnail } from './cannot-thumbnail.ts';

/** What sharp rejects with has no type; while it reads a stranger's bytes, it's about these: CANNOT_THUMBNAIL. */
export async function refuseBroken<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof MediaError ? error : cannotThumbnail(error);
  }
}
