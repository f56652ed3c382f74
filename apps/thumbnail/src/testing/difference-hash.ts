import sharp from 'sharp';

/** Brightness, 0 to 255, over a picture whose sides both run from 0 to 1. */
export type Brightness = (x: number, y: number) => number;

const COLUMNS = 9;
const ROWS = 8;
/** Points a side that are looked at in each cell. */
const SAMPLES = 8;

/**
 * The difference hash of an encoded picture: 64 bits, each whether a cell of a coarse grid is brighter than the next one
 * to its right. Codecs and resizers of another version change few of them. Of an animation it is the first frame's.
 */
export async function hashImage(encoded: Uint8Array): Promise<bigint> {
  const cells = await sharp(encoded).flatten({ background: '#fff' }).greyscale().resize(COLUMNS, ROWS, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  return hashCells([...cells]);
}

/** The same of a picture that is known by its formula alone, so that no library has a say in it. */
export function hashFormula(brightness: Brightness): bigint {
  const cells = Array.from({ length: COLUMNS * ROWS }, (_, cell) => {
    let sum = 0;
    for (let point = 0; point < SAMPLES * SAMPLES; point += 1) {
      const x = (cell % COLUMNS) + ((point % SAMPLES) + 0.5) / SAMPLES;
      const y = Math.floor(cell / COLUMNS) + (Math.floor(point / SAMPLES) + 0.5) / SAMPLES;
      sum += brightness(x / COLUMNS, y / ROWS);
    }
    return sum;
  });
  return hashCells(cells);
}

/** In how many of their 64 bits two hashes differ. */
export function hashDistance(one: bigint, other: bigint): number {
  return (one ^ other).toString(2).replaceAll('0', '').length;
}

function hashCells(cells: readonly number[]): bigint {
  let hash = 0n;
  for (let at = 0; at < COLUMNS * ROWS; at += 1) {
    if (at % COLUMNS < COLUMNS - 1) hash = (hash << 1n) | ((cells[at] ?? 0) > (cells[at + 1] ?? 0) ? 1n : 0n);
  }
  return hash;
}
