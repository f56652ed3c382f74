import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

/** Metadata comes in segments of 64 KiB; no camera writes a tenth as many ahead of the frame. */
const MAX_SEGMENTS = 2000;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** Markers in the range of frame headers that are tables: Huffman, reserved, arithmetic. */
const TABLES: readonly number[] = [0xc4, 0xc8, 0xcc];

/** Hops from segment to segment up to the frame header. Bytes between segments are passed over, as decoders do. */
export function walkJpeg(bytes: HeaderBytes): HeaderSize {
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments += 1) {
    at = bytes.find(0xff, at);
    while (bytes.u8(at) === 0xff) at += 1;
    const marker = bytes.u8(at);
    at += 1;
    if (isFrameHeader(marker)) return { height: bytes.u16be(at + 3), width: bytes.u16be(at + 5), frames: 1 };
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (hasSegment(marker)) at += bytes.u16be(at);
  }
  throw cannotThumbnail('no frame header ahead of the first scan');
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker);
}

function hasSegment(marker: number): boolean {
  return marker > 0x01 && (marker < 0xd0 || marker > 0xd8);
}
