import { encodePng, type Pixel } from './png.ts';

/** A PNG with a gradient in both directions and a red left half, so that scaling and cropping show. */
export function paintPng(width: number, height: number): Buffer {
  return encodePng({ width, height, pixel: (x, y) => gradient(x / width, y / height) });
}

/** As `paintPng`, with a left half that can be seen through entirely. */
export function paintTransparentPng(width: number, height: number): Buffer {
  return encodePng({ width, height, alpha: true, pixel: (x, y) => [...gradient(x / width, y / height), x < width / 2 ? 0 : 255] });
}

/** An uncompressed 24-bit BMP. */
export function paintBmp(width: number, height: number): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const bmp = Buffer.alloc(54 + rowBytes * height, 0x80);
  bmp.fill(0, 0, 54);
  bmp.write('BM', 'latin1');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(width, 18);
  bmp.writeInt32LE(height, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  return bmp;
}

/** An SVG that is valid and harmless. */
export function paintSvg(width: number, height: number): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="9" height="9"/></svg>`);
}

function gradient(across: number, down: number): Pixel {
  return [across < 0.5 ? 255 : 0, Math.round(255 * across), Math.round(255 * down)];
}
