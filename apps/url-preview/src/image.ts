import type { ByteStream } from '@medley/streams/byte-stream';
import { readImageSize, type ImageSize } from './image-size.ts';
import { readUpTo } from './read-up-to.ts';
import { fetchFailed, type Visit } from './visit.ts';

/** An image for a preview, as it came. */
export interface FoundImage extends ImageSize {
  readonly bytes: Uint8Array;
}

/** How many places are tried. */
const MAX_TRIES = 3;
const ACCEPT = 'image/png,image/jpeg,image/gif,image/webp;q=0.9,image/*;q=0.1';

/** The first image that can be had at these places, which are relative to `baseUrl`; a preview does without where none can. */
export async function findImage(visit: Visit, places: readonly string[], baseUrl: string): Promise<FoundImage | undefined> {
  const urls = places.flatMap((place) => URL.parse(place.trim(), baseUrl)?.href ?? []);
  for (const url of [...new Set(urls)].slice(0, MAX_TRIES)) {
    try {
      const image = checkImage(await readImage(visit, url), visit.maxImagePixels);
      visit.trace.add('image', `${nameOf(url)} · ${image.contentType} ${image.width}×${image.height}, ${image.bytes.byteLength} bytes`);
      return image;
    } catch (error) {
      visit.drop(`image ${nameOf(url)}`, error);
    }
  }
  return undefined;
}

/** Reads the whole of an image. Fails with FETCH_FAILED beyond the size that is taken. */
export async function readImageBody(visit: Visit, body: ByteStream): Promise<Buffer> {
  const maxBytes = visit.config.max_image_bytes;
  const bytes = await readUpTo(body, maxBytes + 1);
  if (bytes.byteLength > maxBytes) throw fetchFailed(`larger than ${maxBytes} bytes`);
  return bytes;
}

/** Takes bytes for an image of a kind that clients show. Fails with FETCH_FAILED for all else. */
export function checkImage(bytes: Uint8Array, maxPixels: number): FoundImage {
  const size = readImageSize(bytes);
  if (size === undefined) throw fetchFailed('no PNG, JPEG, GIF or WebP');
  if (size.width * size.height > maxPixels) throw fetchFailed(`more than ${maxPixels} pixels`);
  return { ...size, bytes };
}

async function readImage(visit: Visit, url: string): Promise<Uint8Array> {
  if (url.startsWith('data:')) return readDataUrl(url, visit.config.max_image_bytes);
  const accept = (type = ''): boolean => type === '' || /^(image\/|application\/octet-stream|binary\/octet-stream)/i.test(type);
  const { body } = await visit.get(url, { acceptHeader: ACCEPT, accept, maxBytes: visit.config.max_image_bytes + 1 });
  return readImageBody(visit, body);
}

function readDataUrl(url: string, maxBytes: number): Uint8Array {
  const comma = url.indexOf(',');
  const head = url.slice(0, Math.max(comma, 0)).slice(0, 200);
  if (!/^data:image\/[a-z0-9.+-]+(;[a-z0-9=-]+)*;base64$/i.test(head)) throw fetchFailed('a data: URL that is no image in base64');
  if (url.length - comma > maxBytes * 1.4) throw fetchFailed(`larger than ${maxBytes} bytes`);
  return Buffer.from(decodeURIComponent(url.slice(comma + 1)), 'base64');
}

function nameOf(url: string): string {
  return url.startsWith('data:') ? `${url.slice(0, 40)}…` : url;
}
