/** What the header of an image says. */
export interface ImageFacts {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly width: number;
  readonly height: number;
  /** Whether it has, or may have, more than one frame. */
  readonly animated: boolean;
}

/** Reads type and size from the first bytes of a PNG, JPEG, GIF or WebP. Throws on anything else. */
export function readImageFacts(bytes: Uint8Array): ImageFacts {
  const image = Buffer.from(bytes);
  if (image.toString('latin1', 1, 4) === 'PNG') return readPng(image);
  if (image.readUInt16BE(0) === 0xffd8) return readJpeg(image);
  if (image.toString('latin1', 0, 3) === 'GIF') return readGif(image);
  if (image.toString('latin1', 8, 12) === 'WEBP') return readWebp(image);
  throw new Error(`not an image: begins with ${image.toString('hex', 0, 12)}`);
}

function readPng(image: Buffer): ImageFacts {
  const animated = image.includes('acTL', 0, 'latin1');
  return { type: 'image/png', width: image.readUInt32BE(16), height: image.readUInt32BE(20), animated };
}

/** Walks the segments to the frame header (SOF0 to SOF15 but for the three that are tables). */
function readJpeg(image: Buffer): ImageFacts {
  for (let at = 2; at < image.length; at += 2 + image.readUInt16BE(at + 2)) {
    const marker = image.readUInt8(at + 1);
    if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
    return { type: 'image/jpeg', width: image.readUInt16BE(at + 7), height: image.readUInt16BE(at + 5), animated: false };
  }
  throw new Error('a JPEG without a frame');
}

/** Counts graphic control extensions, of which every frame of an animation has one. */
function readGif(image: Buffer): ImageFacts {
  const frames = image.toString('latin1').split('\x21\xf9\x04').length - 1;
  return { type: 'image/gif', width: image.readUInt16LE(6), height: image.readUInt16LE(8), animated: frames > 1 };
}

function readWebp(image: Buffer): ImageFacts {
  const type = 'image/webp';
  const chunk = image.toString('latin1', 12, 16);
  if (chunk === 'VP8X') {
    const animated = (image.readUInt8(20) & 0x02) !== 0;
    return { type, width: image.readUIntLE(24, 3) + 1, height: image.readUIntLE(27, 3) + 1, animated };
  }
  if (chunk === 'VP8L') {
    const packed = image.readUInt32LE(21);
    return { type, width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, animated: false };
  }
  return { type, width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff, animated: false };
}
