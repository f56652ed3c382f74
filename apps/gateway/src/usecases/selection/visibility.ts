import type { MediaFilter } from '@medley/proto/metadata/catalog';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import type { TenantName } from '../../tenants.ts';

/** Whether admins of a tenant may know of media of this name: theirs, and copies of other servers' media, but no other tenant's. */
export function isVisibleTo({ tenants }: Gateway, tenant: TenantName, key: Pick<MediaKey, 'origin'> | undefined): boolean {
  return tenant.seesAll === true || key?.origin === tenant.serverName || !tenants.isLocal(key?.origin ?? '');
}

/** The same as a filter. With one tenant there is nothing to hide, and the filter stays as cheap as it was. */
export function limitTo({ config }: Gateway, tenant: TenantName, filter: MediaFilter): MediaFilter {
  return config.homeservers.length === 1 || tenant.seesAll === true ? filter : { ...filter, tenant: tenant.serverName };
}
