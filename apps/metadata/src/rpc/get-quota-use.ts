import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Quotas } from '../ports/quotas.ts';
import { invalid, parseAtLeast, parseUserId } from './fields.ts';
import { MAX_QUOTA_LIMITS } from './reserve-quota.ts';

/** Counts what a user has. */
export function getQuotaUse(quotas: Quotas): MetadataServiceImplementation['getQuotaUse'] {
  return async ({ userId, windowsMs }, { signal }) => {
    if (windowsMs.length > MAX_QUOTA_LIMITS) throw invalid(`at most ${MAX_QUOTA_LIMITS} windows`);
    const windows = windowsMs.map((windowMs) => parseAtLeast(0, 'windows_ms', windowMs));
    const uses = await quotas.use(parseUserId(userId), windows, signal);
    return { uses: windows.map((windowMs, position) => ({ windowMs, bytes: uses[position]?.bytes ?? 0, files: uses[position]?.files ?? 0 })) };
  };
}
