import sharp, { type Sharp } from 'sharp';

export type Colour = readonly [number, number, number];

export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 160, 0];
export const BLUE: Colour = [0, 0, 255];
export const YELLOW: Colour = [255, 255, 0];

/** The colours of four corners, in reading order. */
export type Corners = readonly [Colour, Colour, Colour, Colour];

/** An image of four rectangles, one of each colour. */
export function quarters(width: number, height: number, [a, b, c, d]: Corners = [RED, GREEN, BLUE, YELLOW]): Sharp {
  return fromPixels(width, height, (x, y) => (y < height / 2 ? (x < width / 2 ? a : b) : x < width / 2 ? c : d));
}

/** An image that no encoder makes small: every pixel differs from its neighbours, the same each time. */
export function noise(width: number, height: number): Sharp {
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 0x7fff_ffff) & 0xff;
  return fromPixels(width, height, () => [next(), next(), next()]);
}

/** A picture of one colour with some opacity (0 to 1). */
export function plain(width: number, height: number, [r, g, b]: Colour, alpha = 1): Sharp {
  return sharp({ create: { width, height, channels: 4, background: { r, g, b, alpha } } });
}

/** The colours near the four corners of an encoded image, in reading order. */
export async function readCorners(encoded: Uint8Array): Promise<Corners> {
  const { data, info } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): Colour => {
    const start = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    return [data[start] ?? -1, data[start + 1] ?? -1, data[start + 2] ?? -1];
  };
  return [at(0.15, 0.15), at(0.85, 0.15), at(0.15, 0.85), at(0.85, 0.85)];
}

/** Whether two colours differ by no more than lossy coding explains. */
export function isNear(one: Colour, other: Colour, tolerance = 12): boolean {
  return one.every((value, index) => Math.abs(value - (other[index] ?? Number.NaN)) <= tolerance);
}

function fromPixels(width: number, height: number, colourOf: (x: number, y: number) => Colour): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set(colourOf(x, y), (y * width + x) * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}
