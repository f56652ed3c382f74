import { parsePreviewUrl } from '@medley/domain/preview-url';
import type { PreviewUrlResponse, StoredImage } from '@medley/proto/url-preview';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requireParam } from '../parse/query.ts';
import { answer } from './answer.ts';

/** Beyond what the service may take itself. */
const CALL_MARGIN_MS = 5000;

/** `GET /_medley/v1/url_preview/explain`: fetches a page anew, keeps nothing, and tells each step on the way to its preview. */
export async function explainUrl(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal } = exchange;
  const request = { url: parsePreviewUrl(requireParam(query, 'url')), acceptLanguage: '', siteLogo: true };
  const timeoutMs = gateway.config.previews.timeout + CALL_MARGIN_MS;
  const { steps, preview, failure } = await gateway.services.previewReplicas.use(request.url, (rpc) => rpc.explainUrl(request, { signal, timeoutMs }), signal);
  answer(exchange, {
    steps: steps.map(({ atMs, kind, detail }) => ({ at_ms: atMs, kind, detail })),
    preview: preview === undefined ? null : previewToJson(preview),
    failure: failure ?? null,
  });
}

function previewToJson({ properties, image, siteLogo, freshMs }: PreviewUrlResponse): object {
  return {
    properties: Object.fromEntries(properties.map(({ name, value }) => [name, value?.value ?? null])),
    image: imageToJson(image),
    site_logo: imageToJson(siteLogo),
    fresh_ms: freshMs ?? null,
  };
}

function imageToJson(image: StoredImage | undefined): object | null {
  if (image === undefined) return null;
  const { digest, sizeBytes, contentType, width, height } = image;
  return { sha256: digest, size: sizeBytes, content_type: contentType, width, height };
}
