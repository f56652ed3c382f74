/** The yardstick for thumbnails by the same library: sharp as its manual calls it, one size after the other, nothing around it. */
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import sharp from 'sharp';
import { serveRequests } from '../harness/worker.ts';

export interface SharpRequest {
  readonly path: string;
  readonly specs: readonly ThumbnailSpec[];
}

serveRequests<SharpRequest>(async ({ path, specs }) => {
  for (const { width, height, method } of specs) {
    await sharp(path).autoOrient().resize({ width, height, fit: method === 'crop' ? 'cover' : 'outside' }).jpeg({ quality: 80 }).toBuffer();
  }
});
