import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

/** Metadata comes in segments of 64 KiB; no camera writes a tenth as many. */
const MAX_SEGMENTS = 2000;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
/** Markers in the range of frame headers that are tables: Huffman, reserved, arithmetic. */
const TABLES: readonly number[] = [0xc4, 0xc8, 0xcc];
const PROGRESSIVE: readonly number[] = [0xc2, 0xc6, 0xca, 0xce];
/** A coefficient takes two bytes; what comes of them, a byte more. */
const BYTES_PER_COEFFICIENT = 2;

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly isProgressive: boolean;
}

/**
 * Hops from segment to segment up to the frame header, and on to the first scan. Where the picture comes in several
 * scans they are counted to the end, and memory must hold all coefficients; else it passes by in rows. Bytes between
 * segments are passed over, as decoders do.
 */
export function walkJpeg(bytes: HeaderBytes): HeaderSize {
  let frame: Frame | undefined;
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments += 1) {
    at = nextMarker(bytes, at);
    const marker = bytes.u8(at);
    at += 1;
    if (isFrameHeader(marker)) frame ??= readFrame(bytes, at, marker);
    if (marker === START_OF_SCAN && frame !== undefined) return measure(bytes, at, frame);
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (hasSegment(marker)) at += Math.max(2, bytes.u16be(at));
  }
  throw cannotThumbnail('no frame header ahead of the first scan');
}

function readFrame(bytes: HeaderBytes, at: number, marker: number): Frame {
  const isProgressive = PROGRESSIVE.includes(marker);
  return { height: bytes.u16be(at + 3), width: bytes.u16be(at + 5), components: bytes.u8(at + 7), isProgressive };
}

function measure(bytes: HeaderBytes, at: number, { width, height, components, isProgressive }: Frame): HeaderSize {
  const isInOnePiece = !isProgressive && bytes.u8(at + 2) >= components;
  const bytesPerPixel = isInOnePiece ? components : BYTES_PER_COEFFICIENT * components + 1;
  return { width, height, frames: 1, scans: isInOnePiece ? 1 : countScans(bytes, at), memoryBytes: width * height * bytesPerPixel };
}

/** Counts the scans up to the end of this image; a video or a second image may follow in the same file. */
function countScans({ all }: HeaderBytes, start: number): number {
  let scans = 1;
  for (let at = all.indexOf(0xff, start); at !== -1; ) {
    const marker = all[at + 1] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) break;
    if (marker === START_OF_SCAN) scans += 1;
    const isSegment = marker !== 0xff && hasSegment(marker) && at + 4 <= all.length;
    at = all.indexOf(0xff, isSegment ? at + 2 + all.readUInt16BE(at + 2) : at + 1);
  }
  return scans;
}

function nextMarker(bytes: HeaderBytes, from: number): number {
  let at = bytes.find(0xff, from);
  while (bytes.u8(at) === 0xff) at += 1;
  return at;
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker);
}

function hasSegment(marker: number): boolean {
  return marker > 0x01 && (marker < 0xd0 || marker > 0xd8);
}
