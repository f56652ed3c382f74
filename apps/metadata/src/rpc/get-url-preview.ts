import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { PreviewShelf } from '../ports/preview-shelf.ts';
import { parseAtLeast } from './fields.ts';
import { toMessage } from './put-url-preview.ts';

/** Looks up what was known of a URL at some time. */
export function getUrlPreview(previews: PreviewShelf): MetadataServiceImplementation['getUrlPreview'] {
  return async ({ key, atMs }, { signal }) => {
    const preview = await previews.get(parseDigest(key), parseAtLeast(0, 'at_ms', atMs), signal);
    return { preview: preview && toMessage(preview) };
  };
}
