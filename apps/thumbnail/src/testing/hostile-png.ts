import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** First row and column, and the steps between them, of the seven passes of Adam7. */
const PASSES = [[0, 0, 8, 8], [0, 4, 8, 8], [4, 0, 8, 4], [0, 2, 4, 4], [2, 0, 4, 2], [0, 1, 2, 2], [1, 0, 2, 1]] as const;
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface PngOptions {
  readonly width: number;
  readonly height: number;
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number;
  readonly isInterlaced?: boolean;
  /** Chunks ahead of the pixels. */
  readonly chunks?: readonly Buffer[];
}

/** A PNG whose pixels are all 0; a few hundred bytes for each million of them. */
export function png({ width, height, depth, colourType, isInterlaced = false, chunks = [] }: PngOptions): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  const bits = depth * (CHANNELS[colourType] ?? 1);
  const rows = (columns: number, count: number): number => (columns === 0 ? 0 : count * (1 + Math.ceil((columns * bits) / 8)));
  const bytes = isInterlaced
    ? PASSES.reduce((sum, [row, column, down, right]) => sum + rows(Math.ceil((width - column) / right), Math.ceil((height - row) / down)), 0)
    : rows(width, height);
  return Buffer.concat([SIGNATURE, pngChunk('IHDR', header), ...chunks, pngChunk('IDAT', zeros(bytes)), pngChunk('IEND', Buffer.alloc(0))]);
}

export function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A colour profile that unpacks to so many bytes. */
export function iccChunk(bytes: number): Buffer {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), zeros(bytes)]));
}

/** A text that unpacks to so many bytes. */
export function textChunk(bytes: number): Buffer {
  return pngChunk('zTXt', Buffer.concat([Buffer.from('x\0\0'), zeros(bytes)]));
}

/** Puts chunks behind the header of a PNG. */
export function withPngChunks(image: Buffer, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([image.subarray(0, 33), ...chunks, image.subarray(33)]);
}

function zeros(bytes: number): Buffer {
  return deflateSync(Buffer.alloc(bytes), { level: 6 });
}
