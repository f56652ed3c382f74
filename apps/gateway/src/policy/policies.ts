import type { PolicyConfig } from '@medley/config/policies';
import { matchesGlob } from '@medley/domain/matches-glob';
import { LRUCache } from 'lru-cache';
import type { Requester } from '../auth/requester.ts';
import type { GatewayConfig } from '../config.ts';
import type { Tenant } from '../tenants.ts';
import { decide, toPolicy, type Decisions, type NamedSet, type Policy } from './policy.ts';

/** Whose policy is wanted. */
export interface PolicySubject {
  readonly tenant: Tenant;
  readonly requester: Pick<Requester, 'userId' | 'isGuest' | 'isAdmin' | 'appservice'>;
}

export type PolicySettings = Pick<GatewayConfig, 'uploads' | 'quotas' | 'policies' | 'hasScanner'>;

const MAX_KNOWN = 10_000;

/** Says what users may do: what the configuration says for all, and the exceptions of its rules. */
export class Policies {
  readonly #rules: readonly PolicyConfig[];
  readonly #general: NamedSet;
  readonly #ofAll: Policy;
  readonly #known = new LRUCache<string, Policy>({ max: MAX_KNOWN });

  constructor({ uploads, quotas, policies, hasScanner }: PolicySettings) {
    this.#rules = policies;
    this.#general = { name: undefined, set: { uploads, quotas, scan: hasScanner } };
    this.#ofAll = toPolicy(decide([this.#general]));
  }

  /** Asks nobody, and remembers what it has found. */
  of(subject: PolicySubject): Policy {
    if (this.#rules.length === 0) return this.#ofAll;
    const { tenant, requester: { userId, isGuest, isAdmin, appservice } } = subject;
    const key = JSON.stringify([tenant.serverName, userId, isGuest, isAdmin, appservice?.id]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const policy = toPolicy(this.explain(subject));
    this.#known.set(key, policy);
    return policy;
  }

  /** What is decided of each key, and by which rule. */
  explain(subject: PolicySubject): Decisions {
    return decide([...this.#rules.filter((rule) => isFor(rule, subject)), this.#general]);
  }
}

/** Whether all that a rule says of whom it is for is true. */
function isFor({ users, appservices, tenants, guests, admins }: PolicyConfig, { tenant, requester }: PolicySubject): boolean {
  const isAdmin = !requester.isGuest && (requester.isAdmin || tenant.admins.includes(requester.userId));
  return (users === undefined || users.some((pattern) => matchesGlob(pattern, requester.userId)))
    && (appservices === undefined || (requester.appservice !== undefined && appservices.includes(requester.appservice.id)))
    && (tenants === undefined || tenants.includes(tenant.serverName))
    && (guests === undefined || guests === requester.isGuest)
    && (admins === undefined || admins === isAdmin);
}
