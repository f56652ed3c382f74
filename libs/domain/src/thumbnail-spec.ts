import { MediaError } from './media-error.ts';

export const THUMBNAIL_METHODS = ['crop', 'scale'] as const;
export type ThumbnailMethod = (typeof THUMBNAIL_METHODS)[number];

/** What a requester asks for, or what is made: sizes in pixels. */
export interface ThumbnailSpec {
  readonly width: number;
  readonly height: number;
  readonly method: ThumbnailMethod;
  readonly animated: boolean;
}

/** The sizes every repository makes (Matrix specification, “Thumbnails”). */
export const STANDARD_SPECS: readonly ThumbnailSpec[] = [
  { width: 32, height: 32, method: 'crop', animated: false },
  { width: 96, height: 96, method: 'crop', animated: false },
  { width: 320, height: 240, method: 'scale', animated: false },
  { width: 640, height: 480, method: 'scale', animated: false },
  { width: 800, height: 600, method: 'scale', animated: false },
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
  return `thumbnail-v${version}-${spec.width}x${spec.height}-${spec.method}${spec.animated ? '-animated' : ''}`;
}
