import { cannotThumbnail } from '../cannot-thumbnail.ts';
import { needBox, readBoxes, type Box } from './boxes.ts';
import type { HeaderBytes, HeaderSize } from './header-bytes.ts';

/** Measured 19 of the AV1 decoder for 8 bits a sample; twice as much beyond that for the planes alone. */
const BYTES_PER_PIXEL = 19;
const DEEP_BYTES_PER_PIXEL = 28;
/** Of a picture put together from tiles, which are decoded one by one. */
const BYTES_PER_PLACED_PIXEL = 10;
const MAX_ITEMS = 10_000;
/** Behind version and flags. */
const FULL_BOX = 4;

interface Property extends Box {
  /** Pixels; 0 where the property is no size. */
  readonly area: number;
}

/** Which properties belong to which item: positions in the list, from 1. */
type Associations = ReadonlyMap<number, readonly number[]>;

/**
 * Reads the size of the primary item (AVIF, HEIC), and estimates memory by the largest of all items: the decoder may go
 * over each of them. Tiles count as often as they are placed, so that a picture made of one tile ten thousand times is
 * as large as it takes time. Boxes are hopped over; nothing of them is trusted to point inside but where it is checked.
 */
export function walkHeif(bytes: HeaderBytes): HeaderSize {
  const meta = needBox(readBoxes(bytes, 0, bytes.length), 'meta');
  const boxes = readBoxes(bytes, meta.start + FULL_BOX, meta.end);
  const properties = needBox(boxes, 'iprp');
  const inside = readBoxes(bytes, properties.start, properties.end);
  const list = readProperties(bytes, needBox(inside, 'ipco'));
  const associations = readAssociations(bytes, inside);
  const size = sizeOf(bytes, primaryItem(bytes, needBox(boxes, 'pitm')), list, associations);
  const grids = readGrids(bytes, boxes.find(({ name }) => name === 'iref'));
  const coded = [...associations.keys()].filter((item) => !grids.has(item)).map((item) => areaOf(item, list, associations));
  const placed = [...grids.values()].map((tiles) => tiles.reduce((sum, tile) => sum + areaOf(tile, list, associations), 0));
  const perPixel = isDeep(bytes, list) ? DEEP_BYTES_PER_PIXEL : BYTES_PER_PIXEL;
  const memoryBytes = Math.max(size.width * size.height * BYTES_PER_PLACED_PIXEL, largest(coded) * perPixel, largest(placed) * BYTES_PER_PLACED_PIXEL);
  return { ...size, frames: 1, scans: 1, memoryBytes };
}

function readProperties(bytes: HeaderBytes, ipco: Box): readonly Property[] {
  return readBoxes(bytes, ipco.start, ipco.end).map((box) => {
    if (box.name !== 'ispe') return { ...box, area: 0 };
    return { ...box, area: bytes.u32be(box.start + FULL_BOX) * bytes.u32be(box.start + FULL_BOX + 4) };
  });
}

function readAssociations(bytes: HeaderBytes, inside: readonly Box[]): Associations {
  const associations = new Map<number, readonly number[]>();
  for (const { start } of inside.filter(({ name }) => name === 'ipma')) {
    const idBytes = bytes.u8(start) === 0 ? 2 : 4;
    const indexBytes = (bytes.u8(start + 3) & 1) === 0 ? 1 : 2;
    const items = bytes.u32be(start + FULL_BOX);
    if (items > MAX_ITEMS) throw cannotThumbnail('too many items');
    let at = start + FULL_BOX + 4;
    for (let item = 0; item < items; item += 1) {
      const id = readId(bytes, at, idBytes);
      const count = bytes.u8(at + idBytes);
      const first = at + idBytes + 1;
      associations.set(id, Array.from({ length: count }, (_, index) => readIndex(bytes, first + index * indexBytes, indexBytes)));
      at = first + count * indexBytes;
    }
  }
  return associations;
}

/** The highest bit says whether a reader must know the property. */
function readIndex(bytes: HeaderBytes, at: number, indexBytes: number): number {
  return indexBytes === 1 ? bytes.u8(at) & 0x7f : bytes.u16be(at) & 0x7fff;
}

function readId(bytes: HeaderBytes, at: number, idBytes: number): number {
  return idBytes === 2 ? bytes.u16be(at) : bytes.u32be(at);
}

function primaryItem(bytes: HeaderBytes, pitm: Box): number {
  return readId(bytes, pitm.start + FULL_BOX, bytes.u8(pitm.start) === 0 ? 2 : 4);
}

function sizeOf(bytes: HeaderBytes, item: number, list: readonly Property[], associations: Associations): { width: number; height: number } {
  const size = associations.get(item)?.map((index) => list[index - 1]).find((property) => property?.name === 'ispe');
  if (size === undefined) throw cannotThumbnail('the primary item has no size');
  return { width: bytes.u32be(size.start + FULL_BOX), height: bytes.u32be(size.start + FULL_BOX + 4) };
}

function areaOf(item: number, list: readonly Property[], associations: Associations): number {
  return largest((associations.get(item) ?? []).map((index) => list[index - 1]?.area ?? 0));
}

/** The items that are put together from others, and from which. */
function readGrids(bytes: HeaderBytes, iref: Box | undefined): ReadonlyMap<number, readonly number[]> {
  const grids = new Map<number, readonly number[]>();
  if (iref === undefined) return grids;
  const idBytes = bytes.u8(iref.start) === 0 ? 2 : 4;
  for (const { name, start } of readBoxes(bytes, iref.start + FULL_BOX, iref.end)) {
    const count = bytes.u16be(start + idBytes);
    if (count > MAX_ITEMS) throw cannotThumbnail('too many tiles');
    const tiles = Array.from({ length: count }, (_, index) => readId(bytes, start + idBytes + 2 + index * idBytes, idBytes));
    if (name === 'dimg') grids.set(readId(bytes, start, idBytes), tiles);
  }
  return grids;
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.max(one, other), 0);
}

function isDeep(bytes: HeaderBytes, list: readonly Property[]): boolean {
  return list.some(({ name, start, end }) => name === 'pixi' && end > start + FULL_BOX + 1 && bytes.u8(start + FULL_BOX + 1) > 8);
}
