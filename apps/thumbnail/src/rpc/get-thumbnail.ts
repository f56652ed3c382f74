import { parseDigest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import type { CallContext } from '@medley/grpc/server';
import { ThumbnailMethod, type GetThumbnailRequest, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import { toVersion } from '../derived-key.ts';
import type { Thumbnail } from '../thumbnail.ts';
import type { Thumbnailer } from '../thumbnailer.ts';

/** Answers GetThumbnail. */
export function getThumbnail(thumbnailer: Thumbnailer) {
  return async (request: GetThumbnailRequest, { signal }: CallContext): Promise<GetThumbnailResponse> => {
    return toResponse(await thumbnailer.get(parseDigest(request.sourceDigest), parseSpec(request), signal));
  };
}

function parseSpec({ spec }: GetThumbnailRequest): ThumbnailSpec {
  if (spec === undefined || spec.width < 1 || spec.height < 1) {
    throw new MediaError('INVALID_PARAM', 'spec needs a width and a height of at least 1 pixel');
  }
  return { width: spec.width, height: spec.height, method: parseMethod(spec.method), animated: spec.animated };
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

function toResponse({ key, contentType, sizeBytes, bytes }: Thumbnail): GetThumbnailResponse {
  const body: GetThumbnailResponse['body'] = bytes === undefined ? { $case: 'stored', value: key } : { $case: 'inline', value: bytes };
  return { contentType, sizeBytes, version: toVersion(key), body };
}
