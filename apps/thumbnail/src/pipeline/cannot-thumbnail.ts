import { MediaError } from '@medley/domain/media-error';

/** The one answer to whatever is no image that we know, or a broken one; what was wrong goes to `cause`. */
export function cannotThumbnail(cause: unknown): MediaError {
  return new MediaError('CANNOT_THUMBNAIL', 'Cannot generate thumbnails for the requested content', { cause });
}
