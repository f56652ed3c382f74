import type { Sharp } from 'sharp';
import { bmp } from './bitmaps.ts';
import { BOUNDED, MADE, REFUSED, row, rowsOf, TOO_LARGE, type Row } from './corpus.ts';
import { avifOfTiles, box, lieAvif } from './hostile-bmff.ts';
import { iccChunk, png, pngChunk, textChunk, withPngChunks } from './hostile-png.ts';
import { svg, svgBombs, svgsThatLoad } from './hostile-svg.ts';
import { tiff } from './hostile-tiff.ts';
import { gifOfFrames, jpegOfScans, lieGif, lieJpeg, webpOfFrames } from './hostile.ts';
import { noise, plain, RED } from './images.ts';

const MIB = 2 ** 20;
/** Just below the limit of pixels. */
const SIDE = 5600;
const FRAMES = 100_000;
const blank = (width: number, height: number): Sharp => plain(width, height, RED);
const tags = { 256: 10, 257: 10, 258: 8, 259: 1, 262: 1, 277: 1 };
const apngFrames = pngChunk('acTL', Buffer.from([0, 1, 0x86, 0xa0, 0, 0, 0, 0]));

/** More pixels than allowed, by the header. */
export const PIXEL_BOMBS: readonly Row[] = [
  row('pixels: PNG of 400 million, with all its data', TOO_LARGE, () => png({ width: 20_000, height: 20_000, depth: 1, colourType: 0 })),
  row('pixels: PNG of 2^31 a side', TOO_LARGE, () => pngHead(2 ** 31 - 1, 2 ** 31 - 1)),
  row('pixels: JPEG', TOO_LARGE, async () => lieJpeg(await noise(64, 64).jpeg().toBuffer(), { width: 65_500, height: 65_500 })),
  row('pixels: GIF', TOO_LARGE, async () => lieGif(await noise(64, 64).gif().toBuffer(), { width: 65_535, height: 65_535 })),
  row('pixels: WebP, lossless', TOO_LARGE, async () => {
    const file = await blank(16, 16).webp({ lossless: true }).toBuffer();
    const at = file.indexOf('VP8L') + 9;
    file.writeUInt32LE((file.readUInt32LE(at) & 0xf000_0000 | 0x0fff_ffff) >>> 0, at);
    return file;
  }),
  row('pixels: AVIF', TOO_LARGE, async () => lieAvif(await blank(64, 64).avif({ effort: 0 }).toBuffer(), { width: 60_000, height: 60_000 })),
  row('pixels: TIFF', TOO_LARGE, () => tiff({ ...tags, 256: 60_000, 257: 60_000 })),
  row('pixels: BMP', TOO_LARGE, () => bmp({ width: 60_000, height: 60_000, bits: 24, pixels: Buffer.alloc(9) })),
  row('pixels: SVG that names a size', BOUNDED, () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"><rect width="9" height="9"/></svg>')),
  row('pixels: SVG that names too large a size', REFUSED, () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>')),
  row('pixels: SVG that embeds them', TOO_LARGE, () => {
    return svg(`<image width="9" height="9" href="data:image/png;base64,${png({ width: 8000, height: 8000, depth: 1, colourType: 0 }).toString('base64')}"/>`);
  }),
];

/** As many pixels as are allowed, in the form that takes the most time or memory. */
export const MEMORY_BOMBS: readonly Row[] = [
  row('memory: PNG of RGBA', MADE, () => png({ width: SIDE, height: SIDE, depth: 8, colourType: 6 })),
  row('memory: PNG of Adam7', MADE, () => png({ width: SIDE, height: SIDE, depth: 8, colourType: 2, isInterlaced: true })),
  row('memory: PNG of Adam7 and 16 bits', TOO_LARGE, () => png({ width: SIDE, height: SIDE, depth: 16, colourType: 6, isInterlaced: true })),
  row('memory: JPEG, progressive', MADE, () => blank(SIDE, SIDE).flatten().jpeg({ progressive: true }).toBuffer()),
  row('memory: GIF', MADE, () => blank(SIDE, SIDE).gif({ effort: 1 }).toBuffer()),
  row('memory: WebP', MADE, () => blank(SIDE, SIDE).webp({ effort: 0 }).toBuffer()),
  row('memory: WebP, lossless', MADE, () => blank(SIDE, SIDE).webp({ effort: 0, lossless: true }).toBuffer()),
  row('memory: AVIF within', MADE, () => blank(4000, 4000).flatten().avif({ effort: 0 }).toBuffer()),
  row('memory: AVIF beyond', TOO_LARGE, async () => lieAvif(await blank(64, 64).avif({ effort: 0 }).toBuffer(), { width: 5000, height: 5000 })),
  row('memory: AVIF that says less than it holds', BOUNDED, async () => lieAvif(await blank(4000, 4000).avif({ effort: 0 }).toBuffer(), { width: 100, height: 100 })),
  row('memory: AVIF of ten thousand tiles', TOO_LARGE, () => avifOfTiles(10_000, 4000)),
  row('memory: TIFF of Deflate', MADE, () => blank(SIDE, SIDE).flatten().tiff({ compression: 'deflate' }).toBuffer()),
  row('memory: TIFF of one tile', TOO_LARGE, () => tiff({ ...tags, 322: 60_000, 323: 60_000, 324: 8, 325: 100 })),
  row('memory: BMP of run lengths', MADE, () => bmp({ width: SIDE, height: SIDE, bits: 8, compression: 1, pixels: Buffer.from([0, 2, 0, 0, 0, 1]) })),
  row('memory: SVG', BOUNDED, () => svgBombs()['layers'] ?? Buffer.alloc(0)),
];

/** What takes long, or would. */
export const TIME_BOMBS: readonly Row[] = [
  row('scans: JPEG of 5000', TOO_LARGE, async () => jpegOfScans(await blank(2000, 2000).flatten().jpeg({ progressive: true }).toBuffer(), 5000)),
  row('scans: JPEG of 85', BOUNDED, async () => jpegOfScans(await blank(4000, 4000).flatten().jpeg({ progressive: true }).toBuffer(), 85)),
  row('frames: GIF', TOO_LARGE, () => gifOfFrames(FRAMES)),
  row('frames: WebP', TOO_LARGE, () => webpOfFrames(FRAMES)),
  row('frames: APNG', TOO_LARGE, () => withPngChunks(png({ width: 9, height: 9, depth: 8, colourType: 2 }), [apngFrames])),
  row('frames: TIFF', TOO_LARGE, () => tiff({ ...tags, 273: 8, 279: 100 }, { more: FRAMES })),
  row('frames: TIFF that bites its tail', TOO_LARGE, () => tiff({ ...tags, 273: 8, 279: 100 }, { isLoop: true })),
  { ...row('frames: GIF that moves, as much as is allowed', MADE, () => movingGif(300, 1600)), animated: true },
  row('boxes: AVIF of a million', REFUSED, () => Buffer.concat([box('ftyp', Buffer.from('avif\0\0\0\0')), ...Array.from({ length: 1_000_000 }, () => box('free', Buffer.alloc(0)))])),
  row('boxes: AVIF of no size', REFUSED, () => Buffer.concat([box('ftyp', Buffer.from('avif\0\0\0\0')), box('meta', Buffer.alloc(4), 0), box('meta', Buffer.alloc(4), 1)])),
  ...rowsOf('drawing', BOUNDED, svgBombs()),
];

/** Metadata that unpacks to much, or goes in circles. */
export const METADATA_BOMBS: readonly Row[] = [
  row('metadata: PNG with a profile of 64 MiB', BOUNDED, () => withPngChunks(small(), [iccChunk(64 * MIB)])),
  row('metadata: PNG with ten texts of 32 MiB', BOUNDED, () => withPngChunks(small(), Array.from({ length: 10 }, () => textChunk(32 * MIB)))),
  row('metadata: JPEG with a profile of 16 MB', BOUNDED, async () => withSegments(await noise(64, 64).jpeg().toBuffer(), profile(255))),
  row('metadata: JPEG with EXIF that bites its tail', BOUNDED, async () => withSegments(await noise(64, 64).jpeg().toBuffer(), [segment(0xe1, 'Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0')])),
  row('metadata: JPEG with 65535 entries of EXIF', BOUNDED, async () => withSegments(await noise(64, 64).jpeg().toBuffer(), [segment(0xe1, `Exif\0\0II*\0\x08\0\0\0\xff\xff${'\x12\x01\x02\0\xff\xff\xff\xff\0\0\0\0'.repeat(5000)}`)])),
  ...rowsOf('SVG that loads', REFUSED, svgsThatLoad('http://127.0.0.1:9/secret')),
  ...rowsOf('SVG that reads', REFUSED, svgsThatLoad('file:///etc/passwd')),
];

function small(): Buffer {
  return png({ width: 64, height: 64, depth: 8, colourType: 2 });
}

function pngHead(width: number, height: number): Buffer {
  const head = Buffer.from(small());
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

function movingGif(frames: number, side: number): Buffer {
  const one = gifOfFrames(frames);
  return lieGif(one, { width: side, height: side });
}

function withSegments(jpeg: Buffer, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

function segment(marker: number, data: string): Buffer {
  const body = Buffer.from(data, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function profile(parts: number): readonly Buffer[] {
  return Array.from({ length: parts }, (_, index) => segment(0xe2, `ICC_PROFILE\0${String.fromCharCode(index + 1, parts)}${'x'.repeat(65_000)}`));
}
