import { MediaError } from './media-error.ts';

export const THUMBNAIL_METHODS = ['crop', 'scale'] as const;
export type ThumbnailMethod = (typeof THUMBNAIL_METHODS)[number];

/** `common` is what every client shows: PNG, JPEG, and GIF for what moves. The others are for clients that name them. */
export const THUMBNAIL_FORMATS = ['common', 'webp', 'avif'] as const;
export type ThumbnailFormat = (typeof THUMBNAIL_FORMATS)[number];

/** What a requester asks for, or what is made: sizes in pixels. */
export interface ThumbnailSpec {
  readonly width: number;
  readonly height: number;
  readonly method: ThumbnailMethod;
  readonly animated: boolean;
  readonly format: ThumbnailFormat;
}

/** The sizes every repository makes (Matrix specification, “Thumbnails”). */
export const STANDARD_SPECS: readonly ThumbnailSpec[] = [
  { width: 32, height: 32, method: 'crop', animated: false, format: 'common' },
  { width: 96, height: 96, method: 'crop', animated: false, format: 'common' },
  { width: 320, height: 240, method: 'scale', animated: false, format: 'common' },
  { width: 640, height: 480, method: 'scale', animated: false, format: 'common' },
  { width: 800, height: 600, method: 'scale', animated: false, format: 'common' },
];

/**
 * Sides that are made: those of the standard sizes, so that each keeps its aspect by either method, and some between
 * and above. A request is raised to the next, so that odd sizes can't fill the store.
 */
const SIDES = [32, 64, 96, 128, 192, 240, 256, 320, 480, 600, 640, 800, 1024, 1280, 1600] as const;
export const LARGEST_SIDE = 1600;

/** Reads a requested size. Throws INVALID_PARAM for what is not a positive whole number. */
export function parseSide(name: string, text: string): number {
  const side = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (side === 0) throw new MediaError('INVALID_PARAM', `${name} must be a positive whole number of pixels`);
  return side;
}

/** Reads a method; absent means `scale`, as in every server. Throws INVALID_PARAM. */
export function parseThumbnailMethod(text: string | undefined): ThumbnailMethod {
  const method = THUMBNAIL_METHODS.find((known) => known === (text ?? 'scale'));
  if (method === undefined) throw new MediaError('INVALID_PARAM', 'method must be crop or scale');
  return method;
}

/**
 * The format for a client that sent this `Accept`: one that it names and prefers, or `common`. A wildcard is no name,
 * since clients send it that show neither. Of two that are equally welcome WebP is taken, which costs a fraction of AVIF;
 * and for what shall move AVIF is never taken.
 */
export function chooseThumbnailFormat(accept: string | undefined, animated: boolean): ThumbnailFormat {
  if (accept === undefined) return 'common';
  const webp = qualityOf('image/webp', accept);
  const avif = animated ? 0 : qualityOf('image/avif', accept);
  if (avif > webp) return 'avif';
  return webp > 0 ? 'webp' : 'common';
}

/** How welcome a type is that the header names, 0 to 1 (RFC 9110 §12.4.2); 0 where it does not, or can't be read. */
function qualityOf(type: string, accept: string): number {
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    if (weight === undefined) return 1;
    return /^q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0;
  }
  return 0;
}

/**
 * Raises a request to the next spec of a finite set: never smaller than asked on either side (Matrix: “never
 * smaller than requested”) up to 1600 pixels, above which it is cut to 1600.
 */
export function snapSpec(spec: ThumbnailSpec): ThumbnailSpec {
  return { ...spec, width: snapSide(spec.width), height: snapSide(spec.height) };
}

function snapSide(side: number): number {
  return SIDES.find((made) => made >= side) ?? LARGEST_SIDE;
}

/** Names a snapped spec within a blob key. `version` changes whenever the pipeline would make other bytes. */
export function toDerivation(spec: ThumbnailSpec, version: number): string {
  const format = spec.format === 'common' ? '' : `-${spec.format}`;
  return `thumbnail-v${version}-${spec.width}x${spec.height}-${spec.method}${spec.animated ? '-animated' : ''}${format}`;
}
