import { parsePreviewUrl } from '@medley/domain/preview-url';
import type { CallContext } from '@medley/grpc/server';
import type { PreviewUrlRequest, PreviewUrlResponse, StoredImage } from '@medley/proto/url-preview';
import type { FoundImage } from '../image.ts';
import type { Images } from '../ports/images.ts';
import type { PreviewService } from './preview-service.ts';
import { toResponse } from './to-response.ts';

/** Answers PreviewUrl. */
export function previewUrl({ previewer, turns, images, measure }: PreviewService) {
  return (request: PreviewUrlRequest, { signal }: CallContext): Promise<PreviewUrlResponse> => {
    const asked = { url: parsePreviewUrl(request.url), acceptLanguage: request.acceptLanguage, wantsLogo: request.siteLogo };
    return measure(() => turns.run(async () => {
      const preview = await previewer.run(previewer.begin(asked, signal), (image) => storeImage(images, image, signal));
      return toResponse(preview);
    }, signal));
  };
}

async function storeImage(images: Images, image: FoundImage, signal: AbortSignal): Promise<StoredImage> {
  const { bytes, contentType, width, height } = image;
  return { digest: await images.store(bytes, signal), sizeBytes: bytes.byteLength, contentType, width, height };
}
