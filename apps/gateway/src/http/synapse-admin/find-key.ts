import { isMediaId } from '@medley/domain/media-id';
import { isServerName } from '@medley/domain/server-name';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';

/** The media that the path names; `undefined` where there can be none that this tenant's admins may know of. */
export function findKey(gateway: Gateway, { tenant, params }: AuthenticatedExchange): MediaKey | undefined {
  const key = { origin: params['serverName'] ?? tenant.serverName, mediaId: params['mediaId'] ?? '' };
  return isServerName(key.origin) && isMediaId(key.mediaId) && isVisibleTo(gateway, tenant, key) ? key : undefined;
}
