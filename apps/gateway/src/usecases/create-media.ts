import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Requester } from '../auth/requester.ts';
import { requireUploads } from '../policy/require-allowed.ts';
import { requireRecord } from './require-record.ts';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';

/** Reserves a media id whose bytes come later. Fails with FORBIDDEN, or PENDING_LIMIT. */
export async function createMedia(gateway: Gateway, tenant: Tenant, requester: Requester): Promise<MediaRecord> {
  const policy = gateway.policies.of({ tenant, requester }).uploads;
  requireUploads(policy);
  const { record } = await gateway.services.metadata.reserveMedia({
    origin: tenant.serverName,
    userId: requester.userId,
    unusedExpiresAtMs: Date.now() + gateway.config.uploads.unused_expires_after,
    maxPending: policy.maxPending,
  });
  return requireRecord(record);
}
