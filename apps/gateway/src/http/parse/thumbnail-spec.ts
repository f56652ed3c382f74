import { parseSide, parseThumbnailMethod, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { parseBoolean, requireParam } from './query.ts';

/** Reads what size and kind of thumbnail is asked for. Throws MISSING_PARAM or INVALID_PARAM. */
export function parseThumbnailSpec(query: URLSearchParams): ThumbnailSpec {
  return {
    width: parseSide('width', requireParam(query, 'width')),
    height: parseSide('height', requireParam(query, 'height')),
    method: parseThumbnailMethod(query.get('method') ?? undefined),
    animated: parseBoolean(query, 'animated', false),
  };
}
