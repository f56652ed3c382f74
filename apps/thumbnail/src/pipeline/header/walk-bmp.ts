import { readBmpHeader } from './bmp-header.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

/** All is unpacked to RGBA, and turned into what the resizer takes. */
const BYTES_PER_PIXEL = 5;

/** Reads the size of a BMP. */
export function walkBmp(bytes: HeaderBytes): HeaderSize {
  const { width, height } = readBmpHeader(bytes);
  return { width, height, frames: 1, scans: 1, memoryBytes: width * height * BYTES_PER_PIXEL };
}
