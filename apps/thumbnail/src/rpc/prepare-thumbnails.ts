import { parseDigest } from '@medley/domain/digest';
import type { CallContext } from '@medley/grpc/server';
import type { PrepareThumbnailsRequest, PrepareThumbnailsResponse } from '@medley/proto/thumbnail';
import type { Thumbnailer } from '../thumbnailer.ts';

/** Answers PrepareThumbnails. */
export function prepareThumbnails(thumbnailer: Thumbnailer) {
  return async ({ sourceDigest }: PrepareThumbnailsRequest, { signal }: CallContext): Promise<PrepareThumbnailsResponse> => {
    return { prepared: await thumbnailer.prepare(parseDigest(sourceDigest), signal) };
  };
}
