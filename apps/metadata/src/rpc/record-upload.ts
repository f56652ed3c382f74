import { parseServerName } from '@medley/domain/server-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { PreviewImage } from '@medley/proto/metadata/media';
import type { MetadataStore, NewUpload } from '../ports/metadata-store.ts';
import { invalid, parseAtLeast, parseUploaded, parseUserId } from './fields.ts';
import { toUploadedMessage } from './to-message.ts';

/** No longer URL comes over HTTP. */
const MAX_URL_LENGTH = 16_384;

/** Records a whole upload under a new media id. */
export function recordUpload(store: MetadataStore): MetadataServiceImplementation['recordUpload'] {
  return async (request, { signal }) => {
    const origin = parseServerName(request.origin);
    const upload = {
      origin,
      userId: parseUserId(request.userId),
      content: parseUploaded(request, request.previewImage === undefined ? origin : undefined),
      ...parsePreviewImage(request.previewImage),
    };
    return { record: toUploadedMessage(await store.record(upload, signal)) };
  };
}

function parsePreviewImage(image: PreviewImage | undefined): Pick<NewUpload, 'expiresAt' | 'sourceUrl'> {
  if (image === undefined) return {};
  const { expiresAtMs, url } = image;
  if (url !== undefined && url.length > MAX_URL_LENGTH) throw invalid(`url must be at most ${MAX_URL_LENGTH} characters`);
  return { expiresAt: parseAtLeast(1, 'expires_at_ms', expiresAtMs), ...(url !== undefined && { sourceUrl: url }) };
}
