import { crc32 } from 'node:zlib';

/** Writes another size into the frame header of a JPEG. */
export function lieJpeg(jpeg: Buffer, size: { readonly width?: number; readonly height?: number }): Buffer {
  const copy = Buffer.from(jpeg);
  let at = 2;
  while ((copy[at + 1] ?? 0) < 0xc0 || (copy[at + 1] ?? 0) > 0xc2) at += 2 + copy.readUInt16BE(at + 2);
  if (size.height !== undefined) copy.writeUInt16BE(size.height, at + 5);
  if (size.width !== undefined) copy.writeUInt16BE(size.width, at + 7);
  return copy;
}

/** A progressive JPEG with that many scans more, each of which goes over the whole picture for nothing. */
export function jpegOfScans(progressive: Buffer, scans: number): Buffer {
  // Refines one AC coefficient of the first component by one bit, once more, with data for "nothing here".
  const scan = Buffer.concat([Buffer.from('ffda0008010100013f10', 'hex'), Buffer.alloc(2)]);
  return Buffer.concat([progressive.subarray(0, -2), ...Array.from({ length: scans }, () => scan), progressive.subarray(-2)]);
}

/** Writes another size into the header of a PNG, with the checksum that belongs to it. */
export function liePng(png: Buffer, size: { readonly width?: number; readonly height?: number }): Buffer {
  const copy = Buffer.from(png);
  if (size.width !== undefined) copy.writeUInt32BE(size.width, 16);
  if (size.height !== undefined) copy.writeUInt32BE(size.height, 20);
  copy.writeUInt32BE(crc32(copy.subarray(12, 29)), 29);
  return copy;
}

/** Writes another screen size into a GIF. */
export function lieGif(gif: Buffer, { width, height }: { readonly width: number; readonly height: number }): Buffer {
  const copy = Buffer.from(gif);
  copy.writeUInt16LE(width, 6);
  copy.writeUInt16LE(height, 8);
  return copy;
}

/** A GIF of that many frames of one pixel. */
export function gifOfFrames(frames: number): Buffer {
  const screen = Buffer.from('474946383961010001008000000000000000ff', 'hex');
  const frame = Buffer.from('2c00000000010001000002024401' + '00', 'hex');
  return Buffer.concat([screen, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** The outline of a WebP animation: its frames hold nothing. */
export function webpOfFrames(frames: number): Buffer {
  const extended = chunk('VP8X', Buffer.from([0x02, 0, 0, 0, 99, 0, 0, 49, 0, 0]));
  const body = Buffer.concat([Buffer.from('WEBP'), extended, ...Array.from({ length: frames }, () => chunk('ANMF', Buffer.alloc(16)))]);
  return chunk('RIFF', body);
}

function chunk(name: string, data: Buffer): Buffer {
  const header = Buffer.from(`${name}....`);
  header.writeUInt32LE(data.byteLength, 4);
  return Buffer.concat([header, data]);
}
