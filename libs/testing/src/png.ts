import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** One pixel: red, green, blue and, where there is transparency, alpha; 0 to 255 each. */
export type Pixel = readonly number[];

/** An image in memory, `channels` bytes per pixel, rows from the top. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Whether pixels carry alpha. */
  readonly alpha?: boolean;
  readonly pixel: (x: number, y: number) => Pixel;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const TRUECOLOUR = 2;
const TRUECOLOUR_ALPHA = 6;
/** Samples per pixel by PNG's colour type: grey, RGB, palette, grey with alpha, RGB with alpha. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Encodes a PNG with 8 bits per sample and no filters. */
export function encodePng({ width, height, alpha = false, pixel }: Picture): Buffer {
  const channels = alpha ? 4 : 3;
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set(pixel(x, y), y * (1 + width * channels) + 1 + x * channels);
  }
  return assemble(header(width, height, alpha ? TRUECOLOUR_ALPHA : TRUECOLOUR), deflateSync(rows));
}

/** A PNG whose header promises `width` × `height` pixels in RGB and whose data holds only `rowCount` rows of them, all black. */
export function encodeLyingPng(width: number, height: number, rowCount: number): Buffer {
  return assemble(header(width, height, TRUECOLOUR), deflateSync(Buffer.alloc(rowCount * (1 + width * 3))));
}

/** Decodes a PNG with 8 bits per sample that is not interlaced; palettes stay indexes. Throws on anything else. */
export function decodePng(png: Uint8Array): Bitmap {
  const { ihdr, idat } = readChunks(Buffer.from(png));
  const [width, height] = [ihdr.readUInt32BE(0), ihdr.readUInt32BE(4)];
  const channels = CHANNELS[ihdr.readUInt8(9)];
  if (ihdr.readUInt8(8) !== 8 || ihdr.readUInt8(12) !== 0 || channels === undefined) throw new Error('a kind of PNG this decoder does not know');
  return { width, height, channels, data: unfilter(inflateSync(idat), width * channels, height, channels) };
}

function header(width: number, height: number, colourType: number): Buffer {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, colourType, 0, 0, 0], 8);
  return ihdr;
}

function assemble(ihdr: Buffer, idat: Buffer): Buffer {
  return Buffer.concat([SIGNATURE, chunk('IHDR', ihdr), chunk('IDAT', idat), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  framed.writeUInt32BE(data.length, 0);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length);
  return framed;
}

function readChunks(png: Buffer): { ihdr: Buffer; idat: Buffer } {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const ihdr: Buffer[] = [];
  const idat: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (type === 'IHDR') ihdr.push(data);
    if (type === 'IDAT') idat.push(data);
  }
  return { ihdr: Buffer.concat(ihdr), idat: Buffer.concat(idat) };
}

/** Undoes the filters of PNG (§9 of its specification): each byte was stored as the difference to a guess. */
function unfilter(rows: Buffer, rowBytes: number, height: number, channels: number): Uint8Array {
  const data = new Uint8Array(rowBytes * height);
  if (rows.length !== (rowBytes + 1) * height) throw new Error('the PNG holds another number of rows than it says');
  for (let y = 0; y < height; y += 1) {
    const filter = rows.readUInt8(y * (rowBytes + 1));
    for (let x = 0; x < rowBytes; x += 1) {
      const at = y * rowBytes + x;
      const left = x >= channels ? (data[at - channels] ?? 0) : 0;
      const up = y > 0 ? (data[at - rowBytes] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (data[at - rowBytes - channels] ?? 0) : 0;
      data[at] = rows.readUInt8(y * (rowBytes + 1) + 1 + x) + guess(filter, left, up, corner);
    }
  }
  return data;
}

function guess(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: return paeth(left, up, corner);
    default: throw new Error(`no such PNG filter: ${filter}`);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
