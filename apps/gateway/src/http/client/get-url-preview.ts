import { MediaError } from '@medley/domain/media-error';
import { parsePreviewUrl } from '@medley/domain/preview-url';
import type { Gateway } from '../../gateway.ts';
import { arePreviewsEnabled, previewUrl } from '../../usecases/preview-url.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { headerValues } from '../parse/headers.ts';
import { parseTs, requireParam } from '../parse/query.ts';

const LANGUAGES = /^[A-Za-z0-9,;=.*-]{1,100}$/;

/** `GET /_matrix/client/v1/media/preview_url`, and at its deprecated place */
export async function getUrlPreview(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, query, tenant } = exchange;
  if (!arePreviewsEnabled(gateway, tenant)) throw new MediaError('FORBIDDEN', 'URL previews are disabled');
  const asked = {
    url: parsePreviewUrl(requireParam(query, 'url')),
    at: parseTs(query),
    acceptLanguage: parseLanguage(headerValues(context.req, 'accept-language')[0]),
    wantsLogo: query.getAll('include').includes('matrix:site_logo') || query.getAll('msc4448_include').includes('msc4448:site_logo'),
  };
  const body = await previewUrl(gateway, exchange, asked);
  context.type = 'application/json';
  context.body = body;
}

/** One that no header can be made of is as good as none. */
function parseLanguage(header = ''): string {
  const languages = header.replaceAll(' ', '');
  return LANGUAGES.test(languages) ? languages : '';
}
