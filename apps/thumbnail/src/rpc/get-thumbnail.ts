import { originalAt } from '@medley/domain/blob-key';
import type { CallContext } from '@medley/grpc/server';
import type { GetThumbnailRequest, GetThumbnailResponse } from '@medley/proto/thumbnail';
import { toVersion } from '../derived-key.ts';
import type { Thumbnail } from '../thumbnail.ts';
import type { Thumbnailer } from '../thumbnailer.ts';
import { parseSpec } from './parse-request.ts';

/** Answers GetThumbnail. */
export function getThumbnail(thumbnailer: Thumbnailer) {
  return async (request: GetThumbnailRequest, { signal }: CallContext): Promise<GetThumbnailResponse> => {
    const source = originalAt({ digest: request.sourceDigest, store: request.store });
    return toResponse(await thumbnailer.get(source, parseSpec(request), signal));
  };
}

function toResponse({ key, contentType, sizeBytes, bytes }: Thumbnail): GetThumbnailResponse {
  const body: GetThumbnailResponse['body'] = bytes === undefined ? { $case: 'stored', value: key } : { $case: 'inline', value: bytes };
  return { contentType, sizeBytes, version: toVersion(key), body };
}
