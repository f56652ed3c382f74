import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Requester } from '../auth/requester.ts';
import { requireRecord } from './require-record.ts';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';

/** Reserves a media id whose bytes come later. Fails with PENDING_LIMIT. */
export async function createMedia(gateway: Gateway, tenant: Tenant, requester: Requester): Promise<MediaRecord> {
  const { unused_expires_after: lifetimeMs, max_pending: maxPending } = gateway.config.uploads;
  const { record } = await gateway.services.metadata.reserveMedia({
    origin: tenant.serverName,
    userId: requester.userId,
    unusedExpiresAtMs: Date.now() + lifetimeMs,
    maxPending,
  });
  return requireRecord(record);
}
