import { parseDigest } from '@medley/domain/digest';
import type { CallContext } from '@medley/grpc/server';
import type { GetImageInfoRequest, GetImageInfoResponse } from '@medley/proto/thumbnail';
import type { Thumbnailer } from '../thumbnailer.ts';

/** Answers GetImageInfo. */
export function getImageInfo(thumbnailer: Thumbnailer) {
  return async ({ sourceDigest }: GetImageInfoRequest, { signal }: CallContext): Promise<GetImageInfoResponse> => {
    const info = await thumbnailer.describe(parseDigest(sourceDigest), signal);
    return { ...info, thumbhash: Buffer.from(info.thumbhash, 'base64') };
  };
}
