/** What the first bytes of an image say. */
export interface ImageSize {
  readonly contentType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Reads type and size of a PNG, JPEG, GIF or WebP by its own bytes; `undefined` for all else, and for what is cut or has no area. */
export function readImageSize(bytes: Uint8Array): ImageSize | undefined {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = walk(image);
    return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends within its header
    throw error;
  }
}

function walk(image: Buffer): ImageSize | undefined {
  const start = image.toString('latin1', 0, 16);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return { contentType: 'image/png', width: image.readUInt32BE(16), height: image.readUInt32BE(20) };
  if (start.startsWith('GIF8')) return { contentType: 'image/gif', width: image.readUInt16LE(6), height: image.readUInt16LE(8) };
  if (start.startsWith('\xff\xd8\xff')) return walkJpeg(image);
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return walkWebp(image);
  return undefined;
}

/** Goes from segment to segment to the frame header: SOF0 to SOF15 but for the three that are tables. */
function walkJpeg(image: Buffer): ImageSize {
  for (let at = 2; ; at += 2 + Math.max(2, image.readUInt16BE(at + 2))) {
    while (image.readUInt8(at + 1) === 0xff) at += 1; // fill bytes
    const marker = image.readUInt8(at + 1);
    if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
    return { contentType: 'image/jpeg', width: image.readUInt16BE(at + 7), height: image.readUInt16BE(at + 5) };
  }
}

function walkWebp(image: Buffer): ImageSize | undefined {
  const contentType = 'image/webp';
  switch (image.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { contentType, width: image.readUIntLE(24, 3) + 1, height: image.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const packed = image.readUInt32LE(21);
      return { contentType, width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { contentType, width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}
