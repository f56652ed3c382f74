import type { ServerName } from '@medley/domain/server-name';
import type { MediaId } from '@medley/domain/media-id';
import type { RemoteThumbnail } from '@medley/proto/federation-fetch';

/** What is asked of another server. */
export interface MediaRequest {
  readonly origin: ServerName;
  readonly mediaId: MediaId;
  /** Which of our server names asks. */
  readonly requester: string;
  /** How long the server may wait for an upload. */
  readonly waitMs: number;
  readonly thumbnail: RemoteThumbnail | undefined;
}

/** Names what all requests for the same bytes have in common. */
export function keyOf({ origin, mediaId, thumbnail }: MediaRequest): string {
  return `${origin}/${mediaId}${thumbnail === undefined ? '' : `?${thumbnailQuery(thumbnail)}`}`;
}

/** Path and query of the endpoint that is signed (server-server API, “Content Repository”). */
export function federationUri(request: MediaRequest): string {
  const { kind, query } = partsOf(request);
  return `/_matrix/federation/v1/media/${kind}/${encodeURIComponent(request.mediaId)}?${query}timeout_ms=${request.waitMs}`;
}

/** Path and query of the older endpoints, which need no signature; they must not ask others in their turn. */
export function legacyUri(version: 'v3' | 'r0', request: MediaRequest): string {
  const { kind, query } = partsOf(request);
  const path = `/_matrix/media/${version}/${kind}/${encodeURIComponent(request.origin)}/${encodeURIComponent(request.mediaId)}`;
  return `${path}?${query}allow_remote=false&timeout_ms=${request.waitMs}&allow_redirect=true`;
}

function partsOf({ thumbnail }: MediaRequest): { readonly kind: 'download' | 'thumbnail'; readonly query: string } {
  return thumbnail === undefined ? { kind: 'download', query: '' } : { kind: 'thumbnail', query: `${thumbnailQuery(thumbnail)}&` };
}

function thumbnailQuery({ width, height, method, animated }: RemoteThumbnail): string {
  return `width=${width}&height=${height}&method=${encodeURIComponent(method)}&animated=${animated}`;
}
