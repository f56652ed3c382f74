import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

const AFTER_SCREEN = 13;
const EXTENSION = 0x21;
const FRAME = 0x2c;
/** RGBA of this frame and the one before. */
const BYTES_PER_PIXEL = 8;

type Frames = Pick<HeaderSize, 'width' | 'height' | 'frames'>;

/**
 * Hops from block to block and counts frames. The decoder grows the picture to hold a frame that reaches over the
 * screen, so the size is that of both together; a file that lacks its end mark is taken as it is.
 */
export function walkGif(bytes: HeaderBytes, maxFrames: number): HeaderSize {
  let size = { width: bytes.u16le(6), height: bytes.u16le(8), frames: 0 };
  let at = AFTER_SCREEN + colourTableBytes(bytes.u8(10));
  while (at < bytes.length && size.frames <= maxFrames) {
    const block = bytes.u8(at);
    if (block === FRAME) {
      size = addFrame(size, bytes, at);
      at = skipSubBlocks(bytes, at + 11 + colourTableBytes(bytes.u8(at + 9)));
    } else if (block === EXTENSION) {
      at = skipSubBlocks(bytes, at + 2);
    } else break;
  }
  if (size.frames === 0) throw cannotThumbnail('GIF without a frame');
  return { ...size, scans: 1, memoryBytes: size.width * size.height * BYTES_PER_PIXEL };
}

function addFrame(size: Frames, bytes: HeaderBytes, at: number): Frames {
  return {
    width: Math.max(size.width, bytes.u16le(at + 1) + bytes.u16le(at + 5)),
    height: Math.max(size.height, bytes.u16le(at + 3) + bytes.u16le(at + 7)),
    frames: size.frames + 1,
  };
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Sub-blocks are a length byte and so many bytes; a length of zero ends them. */
function skipSubBlocks(bytes: HeaderBytes, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const length = bytes.u8(at);
    at += 1 + length;
    if (length === 0) break;
  }
  return at;
}
