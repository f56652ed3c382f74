import { chooseThumbnailFormat, parseSide, parseThumbnailMethod, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { parseBoolean, requireParam } from './query.ts';

/**
 * Reads what size and kind of thumbnail is asked for, and the format by the `Accept` header: without one it is what
 * every client shows. Throws MISSING_PARAM or INVALID_PARAM.
 */
export function parseThumbnailSpec(query: URLSearchParams, accept?: string): ThumbnailSpec {
  const animated = parseBoolean(query, 'animated', false);
  return {
    width: parseSide('width', requireParam(query, 'width')),
    height: parseSide('height', requireParam(query, 'height')),
    method: parseThumbnailMethod(query.get('method') ?? undefined),
    animated,
    format: chooseThumbnailFormat(accept, animated),
  };
}
