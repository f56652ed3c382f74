/** A BMP to be made. */
export interface Bitmap {
  readonly width: number;
  /** Negative: from the top down. */
  readonly height: number;
  readonly bits: number;
  /** 0 none, 1 RLE8, 2 RLE4, 3 masks. */
  readonly compression?: number;
  /** RGB, each four bytes: blue, green, red, nothing. */
  readonly palette?: Buffer;
  /** As the file holds them; by default a grey that differs from row to row. */
  readonly pixels?: Buffer;
  readonly masks?: readonly number[];
}

/** Writes a BMP, whatever it says of itself. */
export function bmp({ width, height, bits, compression = 0, palette = Buffer.alloc(0), pixels, masks = [] }: Bitmap): Buffer {
  const rowBytes = Math.ceil((Math.abs(width) * bits) / 32) * 4;
  const data = pixels ?? Buffer.alloc(rowBytes * Math.abs(height), 0x80);
  const header = Buffer.alloc(54 + masks.length * 4);
  header.write('BM');
  header.writeUInt32LE(header.length + palette.length + data.length, 2);
  header.writeUInt32LE(header.length + palette.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(palette.length / 4, 46);
  masks.forEach((mask, index) => header.writeUInt32LE(mask, 54 + 4 * index));
  return Buffer.concat([header, palette, data]);
}
