import sharp from 'sharp';

export const PHOTO_WIDTH = 4000;
export const PHOTO_HEIGHT = 3000;
const CHANNELS = 3;
const QUALITY = 90;

/** Noise of one coarseness: a grid of random colours, blown up to the whole picture. */
interface Octave {
  readonly columns: number;
  readonly rows: number;
  /** How far it brightens or darkens, of 255. */
  readonly depth: number;
  /** Whether it has edges instead of going over softly. */
  readonly isHard?: boolean;
}

/** Large surfaces, things with edges, texture, and the grain of a sensor. */
const OCTAVES: readonly Octave[] = [
  { columns: 8, rows: 6, depth: 90 },
  { columns: 40, rows: 30, depth: 40, isHard: true },
  { columns: 160, rows: 120, depth: 24 },
  { columns: 1000, rows: 750, depth: 18 },
  { columns: PHOTO_WIDTH, rows: PHOTO_HEIGHT, depth: 9 },
];

/** A 12-megapixel JPEG that costs a decoder about what a photo does; always the same. */
export async function makePhoto(): Promise<Buffer> {
  const random = seededRandom(0x6d65646c);
  const sums = new Float32Array(PHOTO_WIDTH * PHOTO_HEIGHT * CHANNELS).fill(128);
  for (const octave of OCTAVES) addNoise(sums, await paintNoise(octave, random), octave);
  const raw = { width: PHOTO_WIDTH, height: PHOTO_HEIGHT, channels: CHANNELS } as const;
  return sharp(Uint8ClampedArray.from(sums), { raw }).jpeg({ quality: QUALITY }).toBuffer();
}

/** The same picture as other bytes: a JPEG comment behind the start of the image holds `text`. */
export function withComment(jpeg: Buffer, text: string): Buffer {
  const comment = Buffer.from(text, 'latin1');
  const marker = Buffer.from([0xff, 0xfe, 0, 0]);
  marker.writeUInt16BE(comment.byteLength + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, comment, jpeg.subarray(2)]);
}

async function paintNoise({ columns, rows }: Octave, random: () => number): Promise<Buffer> {
  const grid = Uint8Array.from({ length: columns * rows * CHANNELS }, () => random() * 256);
  const raw = { width: columns, height: rows, channels: CHANNELS } as const;
  return sharp(grid, { raw }).resize({ width: PHOTO_WIDTH, height: PHOTO_HEIGHT, fit: 'fill' }).raw().toBuffer();
}

function addNoise(sums: Float32Array, noise: Buffer, { depth, isHard = false }: Octave): void {
  for (let at = 0; at < sums.length; at += 1) {
    const level = (noise[at] ?? 0) / 128 - 1;
    sums[at] = (sums[at] ?? 0) + depth * (isHard ? Math.sign(level) : level);
  }
}

/** Mulberry32: numbers from 0 to below 1, the same for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
