/** The formats whose decoders are let loose on strangers' bytes. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'heic' | 'tiff' | 'bmp' | 'svg';

export const CONTENT_TYPES: Readonly<Record<ImageFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
};

/** How many first bytes tell the formats that thumbnails are made in. */
export const SNIFF_BYTES = 16;

/** How far into a file the brands of an AVIF, or the root of an SVG, are looked for. */
const LOOK_BYTES = 4096;
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis'];
const TIFF_STARTS = ['II*\0', 'MM\0*'];

/** Tells the format by the first bytes; what somebody declared plays no part. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOK_BYTES)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'webp';
  if (start.startsWith('ftyp', 4)) return sniffBrand(start);
  if (TIFF_STARTS.some((magic) => start.startsWith(magic))) return 'tiff';
  if (start.startsWith('BM')) return 'bmp';
  return isSvg(start) ? 'svg' : undefined;
}

/** AVIF, HEIC and MP4 share one container; the brands at its head tell them apart. */
function sniffBrand(start: string): ImageFormat | undefined {
  const end = Math.min(start.length, (start.charCodeAt(2) << 8) + start.charCodeAt(3));
  const brands = Array.from({ length: Math.max(0, (end - 8) >> 2) }, (_, index) => start.slice(8 + 4 * index, 12 + 4 * index));
  const [major = ''] = brands;
  if (['avif', 'avis'].includes(major)) return 'avif';
  if (HEIC_BRANDS.includes(major)) return 'heic';
  if (!['mif1', 'msf1', 'miaf'].includes(major)) return undefined;
  if (brands.includes('avif')) return 'avif';
  return brands.some((brand) => HEIC_BRANDS.includes(brand)) ? 'heic' : undefined;
}

function isSvg(start: string): boolean {
  return /^(?:\xef\xbb\xbf)?\s*</.test(start) && /<svg[\s>]/.test(start) && !/^\S*\s*<(?:!doctype\s+html|html)/i.test(start);
}
