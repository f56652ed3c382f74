import { MediaError } from '@medley/domain/media-error';
import type { HeaderSize } from './header/header-bytes.ts';

/** What a source may cost; its bytes were limited when they were read. */
export interface SourceLimits {
  readonly maxPixels: number;
  readonly maxFrames: number;
}

/** Refuses with TOO_LARGE what its header says is beyond the limits, before a decoder sees it. */
export function checkLimits(size: HeaderSize, limits: SourceLimits): void {
  if (size.width * size.height > limits.maxPixels) {
    throw new MediaError('TOO_LARGE', `Larger than the limit of ${limits.maxPixels} pixels`);
  }
  if (size.frames > limits.maxFrames) {
    throw new MediaError('TOO_LARGE', `More than the limit of ${limits.maxFrames} frames`);
  }
}
