import { MediaError } from '@medley/domain/media-error';
import type { MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaKind } from '@medley/proto/metadata/media';
import type { Tenant } from '../../tenants.ts';

/** What Synapse calls local media: what users have uploaded, and the images of their URL previews. */
export function mediaOf({ serverName }: Tenant): MediaFilter {
  return { kinds: [MediaKind.LOCAL, MediaKind.PREVIEW], origins: [serverName], userIds: [] };
}

/** The same of one user. */
export function mediaOfUser(tenant: Tenant, userId: string): MediaFilter {
  return { ...mediaOf(tenant), userIds: [userId] };
}

/** Passes what is no other server's; a path that names none is about our own. Throws BAD_REQUEST in Synapse's words. */
export function requireOwnServer(tenant: Tenant, serverName: string = tenant.serverName): void {
  if (serverName !== tenant.serverName) throw new MediaError('BAD_REQUEST', 'Can only delete local media');
}
