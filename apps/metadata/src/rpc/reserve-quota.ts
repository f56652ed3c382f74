import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { QuotaLimit as QuotaLimitMessage } from '@medley/proto/metadata/quotas';
import type { QuotaLimit } from '../domain/quota-rules.ts';
import type { Quotas } from '../ports/quotas.ts';
import { invalid, parseAtLeast, parseUserId } from './fields.ts';

/** How many limits, or windows, one call may name. */
export const MAX_QUOTA_LIMITS = 10;

/** Reserves room for an upload. */
export function reserveQuota(quotas: Quotas): MetadataServiceImplementation['reserveQuota'] {
  return async ({ userId, bytes, partial, limits, lifetimeMs }, { signal }) => {
    if (limits.length > MAX_QUOTA_LIMITS) throw invalid(`at most ${MAX_QUOTA_LIMITS} limits`);
    return quotas.reserve({
      userId: parseUserId(userId),
      bytes: parseAtLeast(0, 'bytes', bytes),
      isPartial: partial,
      limits: limits.map(parseLimit),
      lifetimeMs: parseAtLeast(1, 'lifetime_ms', lifetimeMs),
    }, signal);
  };
}

function parseLimit({ windowMs, maxBytes, maxFiles }: QuotaLimitMessage): QuotaLimit {
  return {
    windowMs: parseAtLeast(0, 'window_ms', windowMs),
    maxBytes: maxBytes === undefined ? undefined : parseAtLeast(0, 'max_bytes', maxBytes),
    maxFiles: maxFiles === undefined ? undefined : parseAtLeast(0, 'max_files', maxFiles),
  };
}
