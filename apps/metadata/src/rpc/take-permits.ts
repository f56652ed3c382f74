import { TokenBuckets, type PermitClaim } from '@medley/domain/token-buckets';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { invalid } from './fields.ts';

const MAX_CLAIMS = 100;
const MAX_NAME_LENGTH = 512;

/** Takes permits from buckets in the memory of this process. */
export function takePermits(buckets = new TokenBuckets()): MetadataServiceImplementation['takePermits'] {
  return async ({ claims }) => {
    if (claims.length < 1 || claims.length > MAX_CLAIMS) throw invalid(`claims must be from 1 to ${MAX_CLAIMS}`);
    claims.forEach(check);
    return { grants: claims.map((claim) => buckets.take(claim)) };
  };
}

function check({ bucket, perSecond, burst, wanted }: PermitClaim): void {
  if (bucket === '' || Buffer.byteLength(bucket) > MAX_NAME_LENGTH) throw invalid('bucket is empty or too long');
  if (!isAmount(perSecond) || !isAmount(burst)) throw invalid('per_second and burst must be numbers of at least 0');
  if (!Number.isFinite(wanted)) throw invalid('wanted must be a number');
}

/** NaN and Infinity, which the wire can carry, would stay in a bucket for ever. */
function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
