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

/** Writes `mxc://<origin>/<media id>`. */
export function toMxcText(uri: { readonly origin: string; readonly mediaId: string }): string {
  return `mxc://${uri.origin}/${uri.mediaId}`;
}
