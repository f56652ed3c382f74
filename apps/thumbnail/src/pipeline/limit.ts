import { MediaError } from '@medley/domain/media-error';
import type { HeaderSize } from './header/header-bytes.ts';

/** What a source may cost; its bytes were limited when they were read. */
export interface SourceLimits {
  readonly maxPixels: number;
  readonly maxFrames: number;
  /** How often a decoder may go over one picture (progressive JPEG). */
  readonly maxScans: number;
  /** What one decode may hold at once. */
  readonly maxMemoryBytes: number;
}

/** Refuses with TOO_LARGE what its header says is beyond the limits, before a decoder sees it. */
export function checkLimits(size: HeaderSize, limits: SourceLimits): void {
  if (size.width * size.height > limits.maxPixels) throw tooLarge(`Larger than the limit of ${limits.maxPixels} pixels`);
  if (size.frames > limits.maxFrames) throw tooLarge(`More than the limit of ${limits.maxFrames} frames`);
  if (size.scans > limits.maxScans) throw tooLarge(`More than the limit of ${limits.maxScans} scans`);
  if (size.memoryBytes > limits.maxMemoryBytes) throw tooLarge('More memory to decode than the limit allows');
}

function tooLarge(message: string): MediaError {
  return new MediaError('TOO_LARGE', message);
}
