import { createHash } from 'node:crypto';
import { MediaError } from '@medley/domain/media-error';
import { parsePreviewUrl } from '@medley/domain/preview-url';
import type { CallContext } from '@medley/grpc/server';
import type { ExplainUrlRequest, ExplainUrlResponse, StoredImage } from '@medley/proto/url-preview';
import type { FoundImage } from '../image.ts';
import { whyOf } from '../visit.ts';
import type { PreviewService } from './preview-service.ts';
import { toResponse } from './to-response.ts';

/** Answers ExplainUrl. */
export function explainUrl({ previewer, turns }: PreviewService) {
  return (request: ExplainUrlRequest, { signal }: CallContext): Promise<ExplainUrlResponse> => {
    const asked = { url: parsePreviewUrl(request.url), acceptLanguage: request.acceptLanguage, wantsLogo: request.siteLogo };
    return turns.run(async () => {
      const visit = previewer.begin(asked, signal);
      try {
        const preview = await previewer.run(visit, describe);
        return { steps: visit.trace.steps, preview: toResponse(preview), failure: undefined };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MediaError)) throw error;
        visit.trace.add('failed', whyOf(error));
        return { steps: visit.trace.steps, preview: undefined, failure: error.reason };
      }
    }, signal);
  };
}

/** An image as it would be stored. */
async function describe({ bytes, contentType, width, height }: FoundImage): Promise<StoredImage> {
  return { digest: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.byteLength, contentType, width, height };
}
