import { MediaError } from '@medley/domain/media-error';
import { serverOfUser } from '@medley/domain/user-id';
import type { Gateway } from '../../gateway.ts';
import type { Decision, Decisions } from '../../policy/policy.ts';
import { toPolicy } from '../../policy/policy.ts';
import type { PolicySubject } from '../../policy/policies.ts';
import type { Tenant } from '../../tenants.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { readQuotaUsage } from '../own-media/quota-to-json.ts';
import { requirePart } from '../parse/path.ts';
import { parseBoolean } from '../parse/query.ts';
import { answer } from './answer.ts';

/** `GET /_medley/v1/policy/{userId}`: what a user may do, which rule decides each key, and what the user has of each quota. */
export async function getPolicy(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const subject = parseSubject(exchange, gateway);
  const decided = gateway.policies.explain(subject);
  const { userId } = subject.requester;
  answer(exchange, {
    user_id: userId,
    tenant: subject.tenant.serverName,
    settings: settingsToJson(decided),
    usage: await readQuotaUsage(gateway, userId, toPolicy(decided).quota, exchange.signal),
  });
}

function parseSubject({ params, query, tenant }: AuthenticatedExchange, gateway: Gateway): PolicySubject {
  const userId = requirePart(params, 'userId');
  const appserviceId = query.get('appservice');
  const owner = requireTenantOf(gateway, tenant, userId);
  return {
    tenant: owner,
    requester: {
      userId,
      isGuest: parseBoolean(query, 'guest', false),
      isAdmin: owner.staticTokens.some(({ user_id, admin }) => admin && user_id === userId),
      ...(appserviceId !== null && { appservice: { id: appserviceId, isRateLimited: true } }),
    },
  };
}

/** Throws INVALID_PARAM, and NOT_FOUND for other tenants' users. */
function requireTenantOf({ tenants }: Gateway, tenant: Tenant, userId: string): Tenant {
  const server = serverOfUser(userId);
  if (server === undefined) throw new MediaError('INVALID_PARAM', 'userId must be a full Matrix user ID');
  const owner = tenants.ofName(server);
  const isSeen = owner !== undefined && (tenant.seesAll === true || owner.serverName === tenant.serverName);
  if (!isSeen) throw new MediaError('NOT_FOUND', 'No such user here');
  return owner;
}

/** `PolicySettings` of the OpenAPI document. No limit is null, as Infinity can't be said. */
function settingsToJson(decided: Decisions): object {
  const entries: [string, Decision<unknown>][] = Object.entries(decided);
  return Object.fromEntries(entries.map(([key, { value, rule }]) => [key, { value: value === Infinity ? null : value, rule: rule ?? null }]));
}
