import { cannotThumbnail } from './cannot-thumbnail.ts';
import type { BmpHeader } from './header/bmp-header.ts';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/**
 * Unpacks RLE8 or RLE4 to one byte a pixel, in rows of a multiple of four bytes. Pixels that are jumped over take colour
 * 0. Every step consumes two bytes or more and a run ends at its line, so the time is linear in both sizes. Throws
 * CANNOT_THUMBNAIL for what ends without its end mark.
 */
export function unpackRuns(packed: Buffer, { width, height, packing }: BmpHeader): Buffer {
  const rowBytes = Math.ceil(width / 4) * 4;
  const out = Buffer.alloc(rowBytes * height);
  const isNibbles = packing === 'rle4';
  const pen = { x: 0, y: 0 };
  const write = (colour: number): void => {
    if (pen.x < width && pen.y < height) out[pen.y * rowBytes + pen.x] = colour;
    pen.x += 1;
  };
  for (let at = 0; at + 1 < packed.length && pen.y < height; ) {
    const count = packed[at] ?? 0;
    const value = packed[at + 1] ?? 0;
    at += 2;
    if (count > 0) for (let index = 0; index < count; index += 1) write(isNibbles ? nibble(value, index) : value);
    else if (value === END_OF_LINE) Object.assign(pen, { x: 0, y: pen.y + 1 });
    else if (value === END_OF_BITMAP) return out;
    else if (value === DELTA) {
      Object.assign(pen, { x: pen.x + (packed[at] ?? 0), y: pen.y + (packed[at + 1] ?? 0) });
      at += 2;
    } else {
      for (let index = 0; index < value; index += 1) write(isNibbles ? nibble(packed[at + (index >> 1)] ?? 0, index) : (packed[at + index] ?? 0));
      at += Math.ceil((isNibbles ? value / 2 : value) / 2) * 2;
    }
  }
  if (pen.y < height) throw cannotThumbnail('BMP runs without an end');
  return out;
}

function nibble(byte: number, index: number): number {
  return index % 2 === 0 ? byte >> 4 : byte & 0x0f;
}
