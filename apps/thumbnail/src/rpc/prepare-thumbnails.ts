import { originalAt } from '@medley/domain/blob-key';
import type { CallContext } from '@medley/grpc/server';
import type { PrepareThumbnailsRequest, PrepareThumbnailsResponse } from '@medley/proto/thumbnail';
import type { Thumbnailer } from '../thumbnailer.ts';

/** Answers PrepareThumbnails. */
export function prepareThumbnails(thumbnailer: Thumbnailer) {
  return async ({ sourceDigest: digest, store }: PrepareThumbnailsRequest, { signal }: CallContext): Promise<PrepareThumbnailsResponse> => {
    return { prepared: await thumbnailer.prepare(originalAt({ digest, store }), signal) };
  };
}
