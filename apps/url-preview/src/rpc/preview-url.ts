import { parsePreviewUrl } from '@medley/domain/preview-url';
import type { CallContext } from '@medley/grpc/server';
import { SharedFlight } from '@medley/streams/shared-flight';
import type { PreviewUrlRequest, PreviewUrlResponse, StoredImage } from '@medley/proto/url-preview';
import type { FoundImage } from '../image.ts';
import type { Images } from '../ports/images.ts';
import type { PreviewService } from './preview-service.ts';
import { toResponse } from './to-response.ts';

/** Until the first of the callers has kept the answer, where the others look next time. */
const LINGER_MS = 2000;

/** Answers PreviewUrl: of those who ask for the same at once, all have the answer of one visit. */
export function previewUrl({ previewer, turns, images, measure }: PreviewService) {
  const flights = new SharedFlight<PreviewUrlResponse>(LINGER_MS);
  return (request: PreviewUrlRequest, { signal }: CallContext): Promise<PreviewUrlResponse> => {
    const asked = { url: parsePreviewUrl(request.url), acceptLanguage: request.acceptLanguage, wantsLogo: request.siteLogo };
    const visit = (together: AbortSignal): Promise<PreviewUrlResponse> => measure(() => turns.run(async () => {
      const preview = await previewer.run(previewer.begin(asked, together), (image) => storeImage(images, image, together));
      return toResponse(preview);
    }, together));
    return flights.run(JSON.stringify(asked), visit, signal);
  };
}

async function storeImage(images: Images, image: FoundImage, signal: AbortSignal): Promise<StoredImage> {
  const { bytes, contentType, width, height } = image;
  return { digest: await images.store(bytes, signal), sizeBytes: bytes.byteLength, contentType, width, height };
}
