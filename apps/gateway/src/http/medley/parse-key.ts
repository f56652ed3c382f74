import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';

/** The media that a path names. Throws INVALID_PARAM, and NOT_FOUND for another tenant's. */
export function parseVisibleKey({ params, tenant }: AuthenticatedExchange, gateway: Gateway): MxcUri {
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  if (!isVisibleTo(gateway, tenant, uri)) throw noSuchMedia();
  return uri;
}

/** The refusal of media that is not there, or nobody's business. */
export function noSuchMedia(): MediaError {
  return new MediaError('NOT_FOUND', 'No such media');
}
