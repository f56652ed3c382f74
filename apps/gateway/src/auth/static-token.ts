import { hash, timingSafeEqual } from 'node:crypto';
import type { Tenant } from '../tenants.ts';

/** The tenant's configured token that this is. Compared as hashes, so that the time taken tells nothing about the token. */
export function findStaticToken({ staticTokens }: Tenant, token: string): Tenant['staticTokens'][number] | undefined {
  const digest = hash('sha256', token, 'buffer');
  return staticTokens.find((one) => timingSafeEqual(hash('sha256', one.token, 'buffer'), digest));
}
