import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

const FIRST_CHUNK = 12;
const CHUNK_HEADER = 8;
const PAYLOAD = FIRST_CHUNK + CHUNK_HEADER;
const LOSSY_START_CODE = 0x2a_01_9d;
const LOSSLESS_SIGNATURE = 0x2f;
const ANIMATED = 0x02;
const FOURTEEN_BITS = 0x3fff;
/** RGBA, with what the lossless decoder or the canvas of an animation holds beside it. */
const BYTES_PER_PIXEL = 8;

type Frames = Pick<HeaderSize, 'width' | 'height' | 'frames'>;

/** Reads the size from whichever of the three kinds of first chunk there is, and counts the frames of an animation. */
export function walkWebp(bytes: HeaderBytes, maxFrames: number): HeaderSize {
  const size = readFrames(bytes, maxFrames);
  return { ...size, scans: 1, memoryBytes: size.width * size.height * BYTES_PER_PIXEL };
}

function readFrames(bytes: HeaderBytes, maxFrames: number): Frames {
  switch (bytes.name(FIRST_CHUNK)) {
    case 'VP8 ':
      return lossy(bytes);
    case 'VP8L':
      return lossless(bytes);
    case 'VP8X':
      return extended(bytes, maxFrames);
    default:
      throw cannotThumbnail('WebP without a picture');
  }
}

function lossy(bytes: HeaderBytes): Frames {
  if (bytes.u24le(PAYLOAD + 3) !== LOSSY_START_CODE) throw cannotThumbnail('WebP without a key frame');
  return { width: bytes.u16le(PAYLOAD + 6) & FOURTEEN_BITS, height: bytes.u16le(PAYLOAD + 8) & FOURTEEN_BITS, frames: 1 };
}

function lossless(bytes: HeaderBytes): Frames {
  if (bytes.u8(PAYLOAD) !== LOSSLESS_SIGNATURE) throw cannotThumbnail('WebP without its signature');
  const bits = bytes.u32le(PAYLOAD + 1);
  return { width: (bits & FOURTEEN_BITS) + 1, height: ((bits >>> 14) & FOURTEEN_BITS) + 1, frames: 1 };
}

function extended(bytes: HeaderBytes, maxFrames: number): Frames {
  const size = { width: bytes.u24le(PAYLOAD + 4) + 1, height: bytes.u24le(PAYLOAD + 7) + 1 };
  if ((bytes.u8(PAYLOAD) & ANIMATED) === 0) return { ...size, frames: 1 };
  const frames = countFrames(bytes, maxFrames);
  if (frames === 0) throw cannotThumbnail('WebP animation without a frame');
  return { ...size, frames };
}

/** The decoder's own time grows with the square of the frame count, so it must not be asked. */
function countFrames(bytes: HeaderBytes, maxFrames: number): number {
  let frames = 0;
  for (let at = FIRST_CHUNK; at + CHUNK_HEADER <= bytes.length && frames <= maxFrames; ) {
    if (bytes.name(at) === 'ANMF') frames += 1;
    const size = bytes.u32le(at + 4);
    at += CHUNK_HEADER + size + (size % 2);
  }
  return frames;
}
