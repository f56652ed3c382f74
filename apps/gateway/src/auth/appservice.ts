import { hash, timingSafeEqual } from 'node:crypto';
import { MediaError } from '@medley/domain/media-error';
import type { Context } from 'koa';
import type { Gateway } from '../gateway.ts';
import { headerValues } from '../http/parse/headers.ts';
import type { Tenant } from '../tenants.ts';

/**
 * Says which of our homeservers calls, by its `hs_token`: in an `Authorization: Bearer` header, or in the parameter
 * `access_token` that older homeservers send, often together with the header (Application Service API, “Authorization”).
 * Throws MISSING_TOKEN, or FORBIDDEN.
 */
export function identifyHomeserver({ tenants }: Gateway, context: Context): Tenant {
  const digest = digestOf(readHomeserverToken(context));
  const tenant = tenants.all.find(({ hsToken }) => hsToken !== undefined && timingSafeEqual(digestOf(hsToken), digest));
  if (tenant === undefined) throw new MediaError('FORBIDDEN', 'Bad token supplied');
  return tenant;
}

function readHomeserverToken(context: Context): string {
  const [header] = headerValues(context.req, 'authorization');
  const parameter = new URLSearchParams(context.querystring).get('access_token');
  const token = header === undefined ? parameter : /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (!token) throw new MediaError('MISSING_TOKEN', 'Missing access token');
  return token;
}

/** Tokens are compared as hashes, so that the time taken tells nothing about them. */
function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
