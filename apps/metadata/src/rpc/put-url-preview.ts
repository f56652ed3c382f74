import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation, UrlPreview } from '@medley/proto/metadata';
import type { KeptPreview, PreviewShelf } from '../ports/preview-shelf.ts';
import { invalid, parseAtLeast } from './fields.ts';

const MAX_BODY_CHARS = 256 * 1024;

/** Keeps what is known of a URL. */
export function putUrlPreview(previews: PreviewShelf): MetadataServiceImplementation['putUrlPreview'] {
  return async ({ key, preview }, { signal }) => {
    return { preview: toMessage(await previews.put(parseDigest(key), parsePreview(preview), signal)) };
  };
}

/** A preview as callers see it. */
export function toMessage({ body, failed, fetchedAt, expiresAt }: KeptPreview): UrlPreview {
  return { body, failed, fetchedAtMs: fetchedAt, expiresAtMs: expiresAt };
}

function parsePreview(preview: UrlPreview | undefined): KeptPreview {
  if (preview === undefined) throw invalid('preview is missing');
  if (preview.body.length > MAX_BODY_CHARS) throw invalid(`body is longer than ${MAX_BODY_CHARS}`);
  const fetchedAt = parseAtLeast(1, 'fetched_at_ms', preview.fetchedAtMs);
  return { body: preview.body, failed: preview.failed, fetchedAt, expiresAt: parseAtLeast(fetchedAt + 1, 'expires_at_ms', preview.expiresAtMs) };
}
