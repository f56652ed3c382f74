import { cannotThumbnail } from './cannot-thumbnail.ts';

/** What an image looks like, for whoever shows a placeholder before it. */
export interface ImageInfo {
  /** By its bytes. */
  readonly contentType: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** More than 1 if it moves. */
  readonly frameCount: number;
  readonly blurhash: string;
  /** Base64. */
  readonly thumbhash: string;
}

/** Reads what a decoder process wrote; it may have been taken over by what it decoded. Throws CANNOT_THUMBNAIL. */
export function parseImageInfo(json: Uint8Array): ImageInfo {
  const { contentType, width, height, frameCount, blurhash, thumbhash } = parseObject(json);
  const isImage = typeof contentType === 'string' && /^image\/[a-z0-9.+-]{1,32}$/.test(contentType);
  const isBlurHash = typeof blurhash === 'string' && /^[\x21-\x7e]{6,100}$/.test(blurhash);
  const isThumbHash = typeof thumbhash === 'string' && /^[A-Za-z0-9+/]{4,60}={0,2}$/.test(thumbhash);
  if (!isImage || !isCount(width) || !isCount(height) || !isCount(frameCount) || !isBlurHash || !isThumbHash) {
    throw cannotThumbnail('not an image info');
  }
  return { contentType, width, height, frameCount, blurhash, thumbhash };
}

function parseObject(json: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(json).toString()));
  } catch (error) {
    throw cannotThumbnail(error);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31;
}
