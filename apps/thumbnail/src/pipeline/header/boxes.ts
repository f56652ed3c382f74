import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderBytes } from './header-bytes.ts';

/** No picture has a tenth as many in one place. */
const MAX_BOXES = 10_000;
const BOX_HEADER = 8;
const LARGE_BOX_HEADER = 16;

/** One box of an ISO container (AVIF, HEIC): its name, and where what it holds begins and ends. */
export interface Box {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The boxes between `start` and `end`, without those inside of them. A size of 0 means up to the end. Each is at least
 * as long as its header, so the time is linear; one that reaches over `end` is CANNOT_THUMBNAIL.
 */
export function readBoxes(bytes: HeaderBytes, start: number, end: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = start; at + BOX_HEADER <= end; ) {
    const box = readBox(bytes, at, end);
    boxes.push(box);
    if (boxes.length > MAX_BOXES) throw cannotThumbnail('too many boxes');
    at = box.end;
  }
  return boxes;
}

/** The box of that name. Throws CANNOT_THUMBNAIL where there is none. */
export function needBox(boxes: readonly Box[], name: string): Box {
  const found = boxes.find((box) => box.name === name);
  if (found === undefined) throw cannotThumbnail(`no box ${name}`);
  return found;
}

function readBox(bytes: HeaderBytes, at: number, limit: number): Box {
  const size = bytes.u32be(at);
  const isLarge = size === 1;
  const header = isLarge ? LARGE_BOX_HEADER : BOX_HEADER;
  const whole = isLarge ? bytes.u32be(at + 8) * 2 ** 32 + bytes.u32be(at + 12) : size;
  const end = size === 0 ? limit : at + whole;
  if (end > limit || (size !== 0 && whole < header)) throw cannotThumbnail(`a box of ${whole} bytes`);
  return { name: bytes.name(at + 4), start: at + header, end };
}
