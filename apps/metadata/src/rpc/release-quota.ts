import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Quotas } from '../ports/quotas.ts';
import { invalid, parseUserId } from './fields.ts';

const RESERVATION = /^[A-Za-z0-9_-]{1,64}$/;

/** Gives reserved room back. */
export function releaseQuota(quotas: Quotas): MetadataServiceImplementation['releaseQuota'] {
  return async ({ userId, reservation, used }, { signal }) => {
    if (!RESERVATION.test(reservation)) throw invalid('reservation is not of [A-Za-z0-9_-]{1,64}');
    await quotas.release({ userId: parseUserId(userId), reservation, isUsed: used }, signal);
    return {};
  };
}
