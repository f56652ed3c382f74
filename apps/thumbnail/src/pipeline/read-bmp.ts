import { cannotThumbnail } from './cannot-thumbnail.ts';
import { readBmpHeader, type BmpHeader } from './header/bmp-header.ts';
import { HeaderBytes } from './header/header-bytes.ts';
import type { Pixels } from './pixels.ts';
import { unpackRuns } from './unpack-runs.ts';

const RGBA = 4;

/** Puts the pixel of a row at `at` into the four bytes of `out` that begin at `to`. */
type Put = (at: number, column: number, out: Buffer, to: number) => void;

/**
 * Reads a BMP, for which the library has no loader: 1 to 32 bits, palettes, masks, run lengths. Time and memory are
 * linear in the pixels, which were limited before. Throws CANNOT_THUMBNAIL where pixels are missing.
 */
export function readBmp(bytes: Uint8Array): Pixels {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readBmpHeader(new HeaderBytes(file));
  const isRuns = header.packing === 'rle8' || header.packing === 'rle4';
  const packed = isRuns ? unpackRuns(file.subarray(header.pixelsAt), header) : file.subarray(header.pixelsAt);
  const bitsPerPixel = isRuns ? 8 : header.bitsPerPixel;
  const rowBytes = Math.ceil((header.width * bitsPerPixel) / 32) * 4;
  if (packed.length < rowBytes * (header.height - 1) + Math.ceil((header.width * bitsPerPixel) / 8)) throw cannotThumbnail('BMP with missing pixels');
  const data = Buffer.alloc(header.width * header.height * RGBA, 255);
  const put = toPut(packed, header, bitsPerPixel, readPalette(file, header));
  for (let row = 0; row < header.height; row += 1) {
    const at = (header.isTopDown ? row : header.height - 1 - row) * rowBytes;
    for (let column = 0; column < header.width; column += 1) put(at, column, data, (row * header.width + column) * RGBA);
  }
  return { data, width: header.width, height: header.height, channels: RGBA };
}

function toPut(packed: Buffer, header: BmpHeader, bitsPerPixel: number, palette: Buffer): Put {
  if (bitsPerPixel <= 8) return putIndexed(packed, bitsPerPixel, palette);
  return bitsPerPixel === 24 ? putBgr(packed) : putMasked(packed, header.masks, bitsPerPixel / 8);
}

function putIndexed(packed: Buffer, bits: number, palette: Buffer): Put {
  const perByte = 8 / bits;
  return (at, column, out, to) => {
    const byte = packed[at + Math.floor(column / perByte)] ?? 0;
    const index = (byte >> (8 - bits * ((column % perByte) + 1))) & (2 ** bits - 1);
    for (let channel = 0; channel < RGBA; channel += 1) out[to + channel] = palette[index * RGBA + channel] ?? 0;
  };
}

function putBgr(packed: Buffer): Put {
  return (at, column, out, to) => {
    const from = at + column * 3;
    out[to] = packed[from + 2] ?? 0;
    out[to + 1] = packed[from + 1] ?? 0;
    out[to + 2] = packed[from] ?? 0;
  };
}

function putMasked(packed: Buffer, masks: BmpHeader['masks'], pixelBytes: number): Put {
  const parts = masks.map((mask, channel) => toPart(mask, channel === 3 ? 255 : 0));
  return (at, column, out, to) => {
    const value = packed.readUIntLE(at + column * pixelBytes, pixelBytes);
    for (let channel = 0; channel < RGBA; channel += 1) out[to + channel] = parts[channel]?.(value) ?? 255;
  };
}

/** Takes the bits of a mask out of a pixel, as 0 to 255. */
function toPart(mask: number, absent: number): (value: number) => number {
  const unsigned = mask >>> 0;
  if (unsigned === 0) return () => absent;
  const shift = 31 - Math.clz32(unsigned & -unsigned);
  const largest = unsigned >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / largest);
}

/** 256 colours as RGBA, black where the file has fewer. */
function readPalette(file: Buffer, { paletteAt, paletteEntries, paletteEntryBytes }: BmpHeader): Buffer {
  const palette = Buffer.alloc(256 * RGBA);
  for (let index = 0; index < 256; index += 1) {
    const at = index < paletteEntries ? paletteAt + index * paletteEntryBytes : file.length;
    palette.set([file[at + 2] ?? 0, file[at + 1] ?? 0, file[at] ?? 0, 255], index * RGBA);
  }
  return palette;
}
