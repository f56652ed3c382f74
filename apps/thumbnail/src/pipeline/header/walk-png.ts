import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

const MAX_CHUNKS = 2000;
/** A chunk is length, name, data, checksum. */
const CHUNK_OVERHEAD = 12;
const FIRST_CHUNK = 8;
const PALETTE = 3;
/** By colour type: grey, -, RGB, palette (to RGB and alpha), grey and alpha, -, RGB and alpha. */
const CHANNELS: readonly number[] = [1, 0, 3, 4, 2, 0, 4];

/** Texts that may be packed: Deflate makes up to a thousand bytes of one, and they are held twice. */
const TEXTS = ['zTXt'];
const BYTES_PER_TEXT_BYTE = 2000;

/** Reads IHDR, and the frame count of an animated PNG (acTL), which must stand ahead of the pixels. */
export function walkPng(bytes: HeaderBytes): HeaderSize {
  if (bytes.name(FIRST_CHUNK + 4) !== 'IHDR') throw cannotThumbnail('PNG without IHDR');
  const width = bytes.u32be(FIRST_CHUNK + 8);
  const height = bytes.u32be(FIRST_CHUNK + 12);
  const size = { width, height, scans: 1, memoryBytes: width * height * bytesPerPixel(bytes) };
  let at = FIRST_CHUNK;
  let textBytes = 0;
  let frames = 1;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks += 1) {
    const name = bytes.name(at + 4);
    if (name === 'IDAT') return { ...size, frames, memoryBytes: size.memoryBytes + textBytes * BYTES_PER_TEXT_BYTE };
    if (name === 'acTL') frames = Math.max(1, bytes.u32be(at + 8));
    if (TEXTS.includes(name)) textBytes += bytes.u32be(at);
    at += CHUNK_OVERHEAD + bytes.u32be(at);
  }
  throw cannotThumbnail('too many chunks ahead of the pixels');
}

/** An interlaced picture is held whole, twice; others pass by in rows, unless they must be turned. */
function bytesPerPixel(bytes: HeaderBytes): number {
  const colourType = bytes.u8(FIRST_CHUNK + 17);
  const isInterlaced = bytes.u8(FIRST_CHUNK + 20) !== 0;
  const bytesPerSample = bytes.u8(FIRST_CHUNK + 16) === 16 && colourType !== PALETTE ? 2 : 1;
  return (CHANNELS[colourType] ?? 0) * bytesPerSample * (isInterlaced ? 2 : 1);
}
