import type { Size } from './geometry.ts';

/**
 * All that passes from the decoder to the encoder: upright 8-bit sRGB, with or without alpha. No metadata can survive
 * the way, since there is no place for it.
 */
export interface Pixels extends Size {
  readonly data: Buffer;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Whether nothing shines through. */
export function isOpaque({ data, channels }: Pixels): boolean {
  if (channels === 1 || channels === 3) return true;
  for (let at = channels - 1; at < data.length; at += channels) {
    if (data[at] !== 255) return false;
  }
  return true;
}
