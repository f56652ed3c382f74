import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

const MAX_ENTRIES = 4096;
const ENTRY_BYTES = 12;
/** None, CCITT (three ways), LZW, JPEG, Deflate (two numbers), PackBits. The exotic ones are refused. */
const COMPRESSIONS: readonly number[] = [1, 2, 3, 4, 5, 7, 8, 32_773, 32_946];
const WIDTH = 256;
const HEIGHT = 257;
const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const SAMPLES_PER_PIXEL = 277;
const TILE_WIDTH = 322;
const TILE_HEIGHT = 323;
const BYTE = 1;
const SHORT = 3;
const LONG = 4;
/** The picture as it is stored, and once more as RGBA. */
const RGBA_BYTES = 4;

type Tags = ReadonlyMap<number, number>;

interface Reader {
  readonly length: number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  readonly u8: (at: number) => number;
}

/** Reads the first directory, and counts how many follow in the chain; a chain that bites its tail counts as too long. */
export function walkTiff(bytes: HeaderBytes, maxFrames: number): HeaderSize {
  const read = toReader(bytes);
  const first = read.u32(4);
  const tags = readDirectory(read, first);
  const width = need(tags, WIDTH);
  const height = need(tags, HEIGHT);
  if (!COMPRESSIONS.includes(tags.get(COMPRESSION) ?? 1)) throw cannotThumbnail(`TIFF of compression ${tags.get(COMPRESSION)}`);
  return { width, height, frames: countDirectories(read, first, maxFrames), scans: 1, memoryBytes: estimate(tags, width, height) };
}

function estimate(tags: Tags, width: number, height: number): number {
  const bytesPerPixel = Math.ceil(((tags.get(BITS_PER_SAMPLE) ?? 1) * (tags.get(SAMPLES_PER_PIXEL) ?? 1)) / 8);
  const tile = (tags.get(TILE_WIDTH) ?? 0) * (tags.get(TILE_HEIGHT) ?? 0);
  return width * height * (bytesPerPixel + RGBA_BYTES) + tile * (bytesPerPixel + RGBA_BYTES);
}

function readDirectory(read: Reader, at: number): Tags {
  const tags = new Map<number, number>();
  const entries = read.u16(at);
  if (entries > MAX_ENTRIES) throw cannotThumbnail('TIFF with too many entries');
  for (let entry = 0; entry < entries; entry += 1) {
    const start = at + 2 + entry * ENTRY_BYTES;
    const value = readValue(read, start);
    if (value !== undefined) tags.set(read.u16(start), value);
  }
  return tags;
}

/** The first of an entry's numbers: in place where all of them fit four bytes, else where the entry points. */
function readValue(read: Reader, entry: number): number | undefined {
  const type = read.u16(entry + 2);
  const count = read.u32(entry + 4);
  if (type === LONG) return read.u32(count > 1 ? read.u32(entry + 8) : entry + 8);
  if (type === SHORT) return read.u16(count > 2 ? read.u32(entry + 8) : entry + 8);
  return type === BYTE ? read.u8(count > 4 ? read.u32(entry + 8) : entry + 8) : undefined;
}

function countDirectories(read: Reader, first: number, maxFrames: number): number {
  let frames = 0;
  for (let at = first; at !== 0 && frames <= maxFrames; frames += 1) {
    const next = at + 2 + read.u16(at) * ENTRY_BYTES;
    at = next + 4 <= read.length ? read.u32(next) : 0;
  }
  return frames;
}

function need(tags: Tags, tag: number): number {
  const value = tags.get(tag);
  if (value === undefined) throw cannotThumbnail(`TIFF without tag ${tag}`);
  return value;
}

function toReader(bytes: HeaderBytes): Reader {
  const isLittle = bytes.name(0).startsWith('II');
  return {
    length: bytes.length,
    u8: (at) => bytes.u8(at),
    u16: (at) => (isLittle ? bytes.u16le(at) : bytes.u16be(at)),
    u32: (at) => (isLittle ? bytes.u32le(at) : bytes.u32be(at)),
  };
}
