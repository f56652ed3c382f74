import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

const MAX_CHUNKS = 2000;
/** A chunk is length, name, data, checksum. */
const CHUNK_OVERHEAD = 12;
const FIRST_CHUNK = 8;

/** Reads IHDR, and the frame count of an animated PNG (acTL), which must stand ahead of the pixels. */
export function walkPng(bytes: HeaderBytes): HeaderSize {
  if (bytes.name(FIRST_CHUNK + 4) !== 'IHDR') throw cannotThumbnail('PNG without IHDR');
  const size = { width: bytes.u32be(FIRST_CHUNK + 8), height: bytes.u32be(FIRST_CHUNK + 12) };
  let at = FIRST_CHUNK;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks += 1) {
    const name = bytes.name(at + 4);
    if (name === 'IDAT') return { ...size, frames: 1 };
    if (name === 'acTL') return { ...size, frames: Math.max(1, bytes.u32be(at + 8)) };
    at += CHUNK_OVERHEAD + bytes.u32be(at);
  }
  throw cannotThumbnail('too many chunks ahead of the pixels');
}
