import { hash } from 'node:crypto';
import { MediaError } from '@medley/domain/media-error';
import { SingleFlight } from '@medley/streams/single-flight';
import { LRUCache } from 'lru-cache';
import type { Tenant } from '../tenants.ts';
import type { Requester } from './requester.ts';
import { findStaticToken } from './static-token.ts';
import { askWhoami, type Masquerade } from './whoami.ts';

/** A token that acts for nobody else. */
const NOBODY: Masquerade = { userId: undefined, deviceId: undefined };
const MAX_TOKENS = 50_000;

/**
 * Says who a token belongs to: by the tenant's static tokens, else by its homeserver. A yes is believed for a short
 * while, per tenant, token and masquerade; a no or an outage is never kept. Requests that come together ask once.
 */
export class TokenCheck {
  readonly #known: LRUCache<string, Requester>;
  readonly #asking = new SingleFlight<Requester>();

  constructor(lifetimeMs: number) {
    // lru-cache reads a ttl of 0 as “for ever”
    this.#known = new LRUCache({ max: MAX_TOKENS, ttl: Math.max(lifetimeMs, 1) });
  }

  /** Throws UNKNOWN_TOKEN, HOMESERVER_UNAVAILABLE, or the homeserver's own refusal. */
  async check(tenant: Tenant, token: string, masquerade: Masquerade): Promise<Requester> {
    const key = cacheKey(tenant, token, masquerade);
    const known = this.#known.get(key) ?? this.#findStatic(key, tenant, token);
    if (known !== undefined) return known;
    if (tenant.clientApi === undefined) throw new MediaError('UNKNOWN_TOKEN', 'Invalid access token passed.');
    return this.#asking.run(key, () => this.#ask(key, tenant, token, masquerade));
  }

  /** Whether a token of the tenant's own users is known to be good without asking anybody. */
  isKnown(tenant: Tenant, token: string): boolean {
    return this.#known.has(cacheKey(tenant, token, NOBODY));
  }

  #findStatic(key: string, tenant: Tenant, token: string): Requester | undefined {
    const found = findStaticToken(tenant, token);
    if (found === undefined) return undefined;
    const requester = { userId: found.user_id, isGuest: found.guest, isAdmin: found.admin };
    this.#known.set(key, requester);
    return requester;
  }

  async #ask(key: string, tenant: Tenant, token: string, masquerade: Masquerade): Promise<Requester> {
    const requester = await askWhoami(tenant, token, masquerade);
    this.#known.set(key, requester);
    return requester;
  }
}

/** Tokens are kept only as hashes. */
function cacheKey(tenant: Tenant, token: string, masquerade: Masquerade): string {
  return hash('sha256', JSON.stringify([tenant.serverName, token, masquerade.userId, masquerade.deviceId]), 'base64');
}
