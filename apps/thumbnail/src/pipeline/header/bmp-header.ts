import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes } from './header-bytes.ts';

const FILE_HEADER_BYTES = 14;
const CORE_HEADER_BYTES = 12;
const INFO_HEADER_BYTES = 40;
const MAX_HEADER_BYTES = 124;
const BITS: readonly number[] = [1, 4, 8, 16, 24, 32];
const PACKINGS = ['none', 'rle8', 'rle4', 'masks'] as const;

/** What the header of a BMP says; offsets are bytes from the start of the file. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Most are written from the bottom up. */
  readonly isTopDown: boolean;
  readonly bitsPerPixel: number;
  readonly packing: (typeof PACKINGS)[number];
  readonly paletteAt: number;
  readonly paletteEntries: number;
  readonly paletteEntryBytes: 3 | 4;
  /** Red, green, blue, alpha; 0 where there is none. */
  readonly masks: readonly [number, number, number, number];
  readonly pixelsAt: number;
}

/** Reads the header of the kinds that Windows writes. Refuses what embeds a JPEG or PNG, and what OS/2 alone wrote. */
export function readBmpHeader(bytes: HeaderBytes): BmpHeader {
  const headerBytes = bytes.u32le(FILE_HEADER_BYTES);
  const pixelsAt = bytes.u32le(10);
  if (headerBytes === CORE_HEADER_BYTES) return readCore(bytes, pixelsAt);
  if (headerBytes < INFO_HEADER_BYTES || headerBytes > MAX_HEADER_BYTES) throw cannotThumbnail(`BMP header of ${headerBytes} bytes`);
  const height = bytes.i32le(22);
  const bitsPerPixel = bytes.u16le(28);
  const packing = toPacking(bytes.u32le(30), bitsPerPixel);
  const masksBytes = packing === 'masks' && headerBytes === INFO_HEADER_BYTES ? 12 : 0;
  const colours = bytes.u32le(46);
  return {
    width: positive(bytes.i32le(18)),
    height: positive(Math.abs(height)),
    isTopDown: height < 0,
    bitsPerPixel,
    packing,
    paletteAt: FILE_HEADER_BYTES + headerBytes + masksBytes,
    paletteEntries: paletteEntries(bitsPerPixel, colours),
    paletteEntryBytes: 4,
    masks: packing === 'masks' ? readMasks(bytes, headerBytes) : defaultMasks(bitsPerPixel),
    pixelsAt,
  };
}

function readCore(bytes: HeaderBytes, pixelsAt: number): BmpHeader {
  const bitsPerPixel = bytes.u16le(24);
  return {
    width: positive(bytes.u16le(18)),
    height: positive(bytes.u16le(20)),
    isTopDown: false,
    bitsPerPixel,
    packing: toPacking(0, bitsPerPixel),
    paletteAt: FILE_HEADER_BYTES + CORE_HEADER_BYTES,
    paletteEntries: paletteEntries(bitsPerPixel, 0),
    paletteEntryBytes: 3,
    masks: defaultMasks(bitsPerPixel),
    pixelsAt,
  };
}

function toPacking(compression: number, bitsPerPixel: number): BmpHeader['packing'] {
  const packing = compression === 6 ? 'masks' : PACKINGS[compression];
  const isKnown =
    packing === 'none' || (packing === 'rle8' && bitsPerPixel === 8) || (packing === 'rle4' && bitsPerPixel === 4) ||
    (packing === 'masks' && (bitsPerPixel === 16 || bitsPerPixel === 32));
  if (!isKnown || !BITS.includes(bitsPerPixel)) throw cannotThumbnail(`BMP of ${bitsPerPixel} bits, compression ${compression}`);
  return packing;
}

function paletteEntries(bitsPerPixel: number, colours: number): number {
  if (bitsPerPixel > 8) return 0;
  return Math.min(colours === 0 ? 256 : colours, 2 ** bitsPerPixel);
}

/** From the second version of the header on there may be one for alpha. */
function readMasks(bytes: HeaderBytes, headerBytes: number): BmpHeader['masks'] {
  return [bytes.u32le(54), bytes.u32le(58), bytes.u32le(62), headerBytes >= 56 ? bytes.u32le(66) : 0];
}

function defaultMasks(bitsPerPixel: number): BmpHeader['masks'] {
  return bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff_0000, 0xff00, 0xff, 0];
}

/** Zero is refused by whoever reads headers of all formats. */
function positive(side: number): number {
  if (side < 0) throw cannotThumbnail('BMP of negative width');
  return side;
}
