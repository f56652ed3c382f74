import { MediaError } from '@medley/domain/media-error';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { ThumbnailFormat, ThumbnailMethod, type GetThumbnailRequest } from '@medley/proto/thumbnail';

/** Reads the spec of a request. Throws INVALID_PARAM for what is missing, and for what this version does not know. */
export function parseSpec({ spec }: GetThumbnailRequest): ThumbnailSpec {
  if (spec === undefined || spec.width < 1 || spec.height < 1) {
    throw new MediaError('INVALID_PARAM', 'spec needs a width and a height of at least 1 pixel');
  }
  const { width, height, method, animated, format = ThumbnailFormat.COMMON } = spec;
  return { width, height, method: parseMethod(method), animated, format: parseFormat(format) };
}

function parseMethod(method: ThumbnailMethod): ThumbnailSpec['method'] {
  switch (method) {
    case ThumbnailMethod.CROP:
      return 'crop';
    case ThumbnailMethod.SCALE:
      return 'scale';
    default:
      throw new MediaError('INVALID_PARAM', 'method must be crop or scale');
  }
}

function parseFormat(format: ThumbnailFormat): ThumbnailSpec['format'] {
  switch (format) {
    case ThumbnailFormat.COMMON:
      return 'common';
    case ThumbnailFormat.WEBP:
      return 'webp';
    case ThumbnailFormat.AVIF:
      return 'avif';
    default:
      throw new MediaError('INVALID_PARAM', 'format must be common, WebP or AVIF');
  }
}
