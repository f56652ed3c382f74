import sharp, { type Sharp } from 'sharp';
import type { Brightness } from './difference-hash.ts';
import type { Size } from '../pipeline/geometry.ts';

/** The part of a picture that is seen, in parts of its sides. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const FRAMES = 3;
export const FRAME_DELAYS_MS: readonly number[] = [80, 240, 160];

/** How bright the scene is: waves that no turned, mirrored or shifted picture has alike. Each frame is shifted. */
export function sceneBrightness(frame = 0): Brightness {
  return (x, y) => 128 + 100 * Math.sin(9 * x + 5 * y * y + frame * 1.5) * Math.cos(4 * x * y - 2 * y);
}

/** What is seen of the scene where only `view` of it is. */
export function seenThrough(brightness: Brightness, { left, top, width, height }: View): Brightness {
  return (x, y) => brightness(left + x * width, top + y * height);
}

/** The part that a crop to the aspect of `target` leaves of `source`: the same is cut off on both sides. */
export function croppedView(source: Size, target: Size): View {
  const width = Math.min(1, (target.width / target.height) * (source.height / source.width));
  const height = Math.min(1, (target.height / target.width) * (source.width / source.height));
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}

/** The scene in pixels; with `isClear` something shines through a line down its middle. */
export function paintScene({ width, height }: Size, isClear = false, frame = 0): Sharp {
  const brightness = sceneBrightness(frame);
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = Math.round(brightness((x + 0.5) / width, (y + 0.5) / height));
      data.set([value, value, Math.min(255, value + 20), isClear && Math.abs(x - width / 2) < 4 ? 200 : 255], (y * width + x) * 4);
    }
  }
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** The scene in motion, as GIF and as WebP, played twice. */
export async function paintMovingScene(size: Size): Promise<{ readonly gif: Buffer; readonly webp: Buffer }> {
  const frames = await Promise.all(Array.from({ length: FRAMES }, (_, frame) => paintScene(size, false, frame).png().toBuffer()));
  const moving = sharp(frames, { join: { animated: true } });
  const times = { delay: [...FRAME_DELAYS_MS], loop: 2 };
  return { gif: await moving.clone().gif(times).toBuffer(), webp: await moving.clone().webp({ quality: 95, ...times }).toBuffer() };
}
