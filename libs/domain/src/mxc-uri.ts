import { MediaError } from './media-error.ts';
import { parseMediaId, type MediaId } from './media-id.ts';
import { parseServerName, type ServerName } from './server-name.ts';

/** Names one media: whose it is and which. */
export interface MxcUri {
  readonly origin: ServerName;
  readonly mediaId: MediaId;
}

/** Reads the two halves of an mxc URI. Throws INVALID_PARAM. */
export function parseMxcParts(origin: string, mediaId: string): MxcUri {
  return { origin: parseServerName(origin), mediaId: parseMediaId(mediaId) };
}

const MXC = /^mxc:\/\/([^/]*)\/([^/]*)$/;

/** Reads `mxc://<origin>/<media id>` and nothing besides. Throws INVALID_PARAM. */
export function parseMxcText(text: string): MxcUri {
  const [, origin, mediaId] = MXC.exec(text) ?? [];
  if (origin === undefined || mediaId === undefined) throw new MediaError('INVALID_PARAM', 'Not an mxc URI');
  return parseMxcParts(origin, mediaId);
}

/** Writes `mxc://<origin>/<media id>`. */
export function toMxcText(uri: { readonly origin: string; readonly mediaId: string }): string {
  return `mxc://${uri.origin}/${uri.mediaId}`;
}
