import { randomBytes } from 'node:crypto';
import { bmp } from './bitmaps.ts';
import { changed } from './changed.ts';
import { BOUNDED, MADE, REFUSED, row, type Row } from './corpus.ts';
import { cuts } from './cuts.ts';
import { dashed, pdf } from './documents.ts';
import { box, lieAvif } from './hostile-bmff.ts';
import { png } from './hostile-png.ts';
import { svg } from './hostile-svg.ts';
import { tiff } from './hostile-tiff.ts';
import { lieGif, lieJpeg, liePng } from './hostile.ts';
import { noise, plain, quarters, RED } from './images.ts';

const PALETTE = Buffer.from('0000ff0000ff0000ff00000000ffff00', 'hex');

/** One small file of each format. */
export async function oneOfEach(): Promise<Readonly<Record<string, Buffer>>> {
  const picture = noise(160, 120);
  return {
    jpeg: await picture.clone().withExif({ IFD0: { Artist: 'x' } }).jpeg().toBuffer(),
    'progressive jpeg': await picture.clone().jpeg({ progressive: true }).toBuffer(),
    png: await picture.clone().png().toBuffer(),
    gif: await picture.clone().gif().toBuffer(),
    webp: await picture.clone().webp().toBuffer(),
    'lossless webp': await picture.clone().webp({ lossless: true }).toBuffer(),
    avif: await picture.clone().avif({ effort: 0 }).toBuffer(),
    tiff: await picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
    bmp: bmp({ width: 160, height: 120, bits: 24 }),
    svg: svg('<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><rect fill="url(#a)" width="50" height="50"/>'),
  };
}

const KINDS = ['jpeg', 'progressive jpeg', 'png', 'gif', 'webp', 'lossless webp', 'avif', 'tiff', 'bmp', 'svg'];

/** Files with some bytes changed, so many of each kind and most of them in the header; the same each time for a seed. */
export function changedFiles(copies: number, seed?: number): readonly Row[] {
  return KINDS.map((name) => ({
    name: `changed: ${name}`,
    expected: BOUNDED,
    files: async () => changed((await oneOfEach())[name] ?? Buffer.alloc(0), copies, seed),
  }));
}

/** Some of them. */
export const CHANGED = changedFiles(40);

/** Files that stop at each place where something new begins. */
export const CUTS: readonly Row[] = KINDS.map((name) => ({
  name: `cut: ${name}`,
  expected: BOUNDED,
  files: async () => cuts((await oneOfEach())[name] ?? Buffer.alloc(0), name.split(' ').at(-1) ?? name),
}));

/** Sizes of nothing, and less. */
export const SIZES: readonly Row[] = [
  row('size: no bytes at all', REFUSED, () => Buffer.alloc(0)),
  row('size: PNG of no width', REFUSED, async () => liePng((await oneOfEach())['png'] ?? Buffer.alloc(0), { width: 0 })),
  row('size: JPEG of no height', REFUSED, async () => lieJpeg((await oneOfEach())['jpeg'] ?? Buffer.alloc(0), { height: 0 })),
  row('size: GIF of no screen', BOUNDED, async () => lieGif((await oneOfEach())['gif'] ?? Buffer.alloc(0), { width: 0, height: 0 })),
  row('size: AVIF of no size', REFUSED, async () => lieAvif((await oneOfEach())['avif'] ?? Buffer.alloc(0), { width: 0, height: 9 })),
  row('size: TIFF of no width', REFUSED, () => tiff({ 256: 0, 257: 9 })),
  row('size: TIFF of negative height', ['TOO_LARGE'], () => tiff({ 256: 9, 257: -9 })),
  row('size: BMP of negative width', REFUSED, () => bmp({ width: -9, height: 9, bits: 24 })),
  row('size: BMP of the least height there is', ['TOO_LARGE'], () => bmp({ width: 9, height: -(2 ** 31), bits: 24, pixels: Buffer.alloc(9) })),
  row('size: BMP of no width', REFUSED, () => bmp({ width: 0, height: 9, bits: 24 })),
  row('size: SVG of negative width', BOUNDED, () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="-9" height="-9"/>')),
];

/** What pretends to be something else, or is two things at once. */
export const DISGUISES: readonly Row[] = [
  row('disguise: JPEG with a page in a comment', MADE, async () => {
    const file = await noise(64, 64).jpeg().toBuffer();
    return Buffer.concat([file.subarray(0, 2), Buffer.from('\xff\xfe\0\x1a<script>alert(1)</script>'.slice(0, 28), 'latin1'), file.subarray(2)]);
  }),
  row('disguise: PNG with an archive behind it', MADE, async () => Buffer.concat([await noise(64, 64).png().toBuffer(), Buffer.from('PK\x03\x04'), randomBytes(1000)])),
  row('disguise: GIF that is a script', BOUNDED, () => Buffer.from('GIF89a/*\0\0*/=1;alert(1)//')),
  row('disguise: JPEG ahead of a page of SVG', MADE, async () => Buffer.concat([await noise(64, 64).jpeg().toBuffer(), svg('')])),
  row('disguise: page that holds SVG', REFUSED, () => Buffer.from('<html><body><svg xmlns="http://www.w3.org/2000/svg"></svg></body></html>')),
  row('disguise: HEIC that is AVIF', REFUSED, async () => {
    const file = await noise(64, 64).avif({ effort: 0 }).toBuffer();
    return Buffer.from(file.toString('latin1').replaceAll('avif', 'heic'), 'latin1');
  }),
  row('disguise: AVIF of a film', REFUSED, () => Buffer.concat([box('ftyp', Buffer.from('avis\0\0\0\0')), box('moov', Buffer.alloc(64))])),
  ...['%!PS-Adobe-3.0 EPSF-3.0\nshowpage', 'push graphic-context\nimage over 0,0 0,0 "/etc/passwd"', 'PK\x03\x04', '\x7fELF', 'MZ', '\0\0\x01\0\x01\0', '8BPS\0\x01', '\x76\x2f\x31\x01', '\0\0\0\x0cJXL \r\n\x87\n', 'P6 9 9 255 ', 'II\x2b\0\x08\0\0\0'].map((start, index) =>
    row(`disguise: format ${index + 1} that is not opened`, REFUSED, () => Buffer.concat([Buffer.from(start, 'latin1'), randomBytes(2000)])),
  ),
  ...dashed('http://127.0.0.1:9/').map((file, index) => row(`document: list ${index + 1} of addresses`, REFUSED, () => file)),
  row('document: PDF of a page without end', BOUNDED, () => pdf('1 0 0 rg 0 0 9 9 re f', '0 0 1000000000 1000000000')),
  row('document: PDF of no page', REFUSED, () => Buffer.from('%PDF-1.7\ntrailer<</Root 1 0 R>>')),
  row('document: film of four thousand million samples', REFUSED, () => Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0')), box('moov', box('trak', box('mdia', box('minf', box('stbl', box('stsz', Buffer.from('000000000000000fffffffff', 'hex')))))))])),
];

/** Good files in every way to write them. */
export const SHAPES: readonly Row[] = [
  row('shape: CMYK JPEG', MADE, () => quarters(400, 300).toColourspace('cmyk').jpeg().toBuffer()),
  row('shape: 16-bit PNG', MADE, () => quarters(400, 300).toColourspace('rgb16').png().toBuffer()),
  row('shape: 1-bit PNG with transparency', MADE, () => plain(64, 64, RED, 0).png({ palette: true, colours: 2 }).toBuffer()),
  row('shape: palette PNG', MADE, () => quarters(400, 300).png({ palette: true }).toBuffer()),
  row('shape: Adam7 PNG', MADE, () => quarters(401, 303).png({ progressive: true }).toBuffer()),
  row('shape: grey PNG of 16 bits', MADE, () => png({ width: 90, height: 90, depth: 16, colourType: 0 })),
  row('shape: PNG of 2 bits', MADE, () => png({ width: 90, height: 90, depth: 2, colourType: 0 })),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => row(`shape: orientation ${orientation}`, MADE, () => quarters(400, 300).withMetadata({ orientation }).jpeg().toBuffer())),
  ...(['none', 'jpeg', 'deflate', 'packbits', 'lzw'] as const).map((compression) => row(`shape: TIFF, ${compression}`, MADE, () => quarters(400, 300).tiff({ compression }).toBuffer())),
  row('shape: TIFF of 1 bit', MADE, () => quarters(400, 300).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer()),
  row('shape: TIFF of CMYK', MADE, () => quarters(400, 300).toColourspace('cmyk').tiff().toBuffer()),
  row('shape: TIFF of 16 bits', MADE, () => quarters(400, 300).toColourspace('rgb16').tiff().toBuffer()),
  row('shape: TIFF in tiles', MADE, () => quarters(400, 300).tiff({ tile: true, pyramid: true }).toBuffer()),
  row('shape: AVIF of 10 bits', MADE, () => quarters(400, 300).avif({ bitdepth: 10, effort: 0 }).toBuffer()),
  row('shape: AVIF with alpha', MADE, () => plain(400, 300, RED, 0.5).avif({ effort: 0 }).toBuffer()),
  row('shape: AVIF, turned', MADE, () => quarters(400, 300).withMetadata({ orientation: 6 }).avif({ effort: 0 }).toBuffer()),
  ...[1, 4, 8].map((bits) => row(`shape: BMP of ${bits} bits`, MADE, () => bmp({ width: 33, height: 20, bits, palette: PALETTE }))),
  ...[16, 24, 32].map((bits) => row(`shape: BMP of ${bits} bits`, MADE, () => bmp({ width: 33, height: -20, bits }))),
  row('shape: BMP of masks', MADE, () => bmp({ width: 33, height: 20, bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f] })),
  row('shape: SVG with a DOCTYPE', MADE, () => svg('<rect width="9" height="9"/>', '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n')),
  row('shape: SVG in millimetres', MADE, () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297"><rect width="9" height="9"/></svg>')),
  row('shape: panorama', MADE, () => quarters(10_000, 20).jpeg().toBuffer()),
];
