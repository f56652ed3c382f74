import { MediaError } from './media-error.ts';

const MAX_URL_CHARS = 2048;

/** Reads a URL that somebody wants a preview of: http or https, without credentials; its fragment goes. Throws INVALID_PARAM. */
export function parsePreviewUrl(text: string): string {
  const url = text.length > MAX_URL_CHARS ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new MediaError('INVALID_PARAM', 'This is no URL that can be previewed');
  }
  url.hash = '';
  return url.href;
}
