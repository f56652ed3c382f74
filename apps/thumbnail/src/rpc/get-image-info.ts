import { originalAt } from '@medley/domain/blob-key';
import type { CallContext } from '@medley/grpc/server';
import type { GetImageInfoRequest, GetImageInfoResponse } from '@medley/proto/thumbnail';
import type { Thumbnailer } from '../thumbnailer.ts';

/** Answers GetImageInfo. */
export function getImageInfo(thumbnailer: Thumbnailer) {
  return async ({ sourceDigest: digest, store }: GetImageInfoRequest, { signal }: CallContext): Promise<GetImageInfoResponse> => {
    const info = await thumbnailer.describe(originalAt({ digest, store }), signal);
    return { ...info, thumbhash: Buffer.from(info.thumbhash, 'base64') };
  };
}
