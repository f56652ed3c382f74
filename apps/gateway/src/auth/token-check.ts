import { hash } from 'node:crypto';
import type { MedleyConfig } from '@medley/config/schema';
import { MediaError } from '@medley/domain/media-error';
import { LRUCache } from 'lru-cache';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import type { Tenant } from '../tenants.ts';
import { actAs, findAppservice } from './appservices.ts';
import { Circuits, type Circuit } from './circuit.ts';
import { introspect } from './introspection.ts';
import { Remembered, type Answered } from './remembered.ts';
import type { Requester } from './requester.ts';
import { findStaticToken } from './static-token.ts';
import { isUnknownToken } from './unknown-token.ts';
import { askWhoami, type Masquerade } from './whoami.ts';

export type TokenLifetimes = Pick<MedleyConfig['cache'], 'token_lifetime' | 'token_outage_lifetime' | 'token_refusal_lifetime'>;

/** A token that acts for nobody else. */
const NOBODY: Masquerade = { userId: undefined, deviceId: undefined };
const MAX_TOKENS = 50_000;
/** Apart from those that are good, which a flood of others must not drive out. */
const MAX_REFUSED = 10_000;
const MAX_REFUSAL_LENGTH = 1024;

/**
 * Says who a token belongs to: by the configuration, else by the tenant's authorization server, else by its homeserver. A yes is believed for
 * a short while, per tenant, token and masquerade, and for longer while nobody can be asked; that a token is unknown, for a moment.
 */
export class TokenCheck {
  readonly #known: Remembered<Requester>;
  /** Those whom an authorization server has named. */
  readonly #introspected = new WeakSet<Requester>();
  readonly #refused: LRUCache<string, Error>;
  readonly #refusalMs: number;
  readonly #circuits: Circuits;

  constructor(lifetimes: TokenLifetimes, circuits: Circuits = new Circuits()) {
    this.#known = new Remembered({ max: MAX_TOKENS, lifetimeMs: lifetimes.token_lifetime, outageLifetimeMs: lifetimes.token_outage_lifetime });
    this.#refused = new LRUCache({ max: MAX_REFUSED });
    this.#refusalMs = lifetimes.token_refusal_lifetime;
    this.#circuits = circuits;
  }

  /** Throws UNKNOWN_TOKEN, FORBIDDEN, RATE_LIMITED, HOMESERVER_UNAVAILABLE, or the homeserver's own refusal. */
  async check(tenant: Tenant, token: string, masquerade: Masquerade): Promise<Requester> {
    const known = this.find(tenant, token, masquerade);
    if (known !== undefined) return known;
    const key = cacheKey(tenant, token, masquerade);
    const circuit = this.#circuitOf(tenant);
    const refusal = this.#refused.get(key);
    if (refusal !== undefined) throw refusal;
    return this.#known.find({ key, circuit, ask: () => this.#ask(key, tenant, token, masquerade) });
  }

  /** Whose token this is, where that can be told without asking anybody. Throws FORBIDDEN. */
  find(tenant: Tenant, token: string, masquerade = NOBODY): Requester | undefined {
    const key = cacheKey(tenant, token, masquerade);
    return this.#known.peek(key, this.#circuitOf(tenant)) ?? this.#findConfigured(key, tenant, token, masquerade);
  }

  #findConfigured(key: string, tenant: Tenant, token: string, masquerade: Masquerade): Requester | undefined {
    const fixed = findStaticToken(tenant, token);
    if (fixed !== undefined) return this.#keep(key, { userId: fixed.user_id, isGuest: fixed.guest, isAdmin: fixed.admin });
    const appservice = findAppservice(tenant.appservices, token);
    return appservice && this.#keep(key, actAs(appservice, masquerade));
  }

  #keep(key: string, value: Requester): Requester {
    this.#known.set(key, { value });
    return value;
  }

  async #ask(key: string, tenant: Tenant, token: string, masquerade: Masquerade): Promise<Answered<Requester>> {
    try {
      return await this.#askUpstreams(key, tenant, token, masquerade);
    } catch (error) {
      if (isWorthKeeping(error) && this.#refusalMs > 0) this.#refused.set(key, error, { ttl: this.#refusalMs });
      throw error;
    }
  }

  async #askUpstreams(key: string, tenant: Tenant, token: string, masquerade: Masquerade): Promise<Answered<Requester>> {
    const { introspection, serverName, clientApi } = tenant;
    if (introspection !== undefined) {
      const found = await introspect(introspection, serverName, token, this.#circuits.of(tenant, 'introspection'));
      if (found !== undefined) {
        this.#introspected.add(found.value);
        return found;
      }
      // it is over, even if the homeserver can't be asked as well
      this.#known.forget(key, (held) => this.#introspected.has(held));
    }
    if (clientApi === undefined) throw new MediaError('UNKNOWN_TOKEN', 'Invalid access token passed.');
    return { value: await askWhoami(tenant, token, masquerade, this.#circuits.of(tenant, 'homeserver')) };
  }

  #circuitOf(tenant: Tenant): Circuit {
    return this.#circuits.of(tenant, tenant.introspection === undefined ? 'homeserver' : 'introspection');
  }
}

/** Tokens are kept only as hashes. */
function cacheKey(tenant: Tenant, token: string, masquerade: Masquerade): string {
  return hash('sha256', JSON.stringify([tenant.serverName, token, masquerade.userId, masquerade.deviceId]), 'base64');
}

/** Nothing else is kept: whoever is locked, or may not act for somebody, may be let in at any moment. */
function isWorthKeeping(error: unknown): error is Error {
  return isUnknownToken(error) && !(error instanceof HomeserverRefusal && JSON.stringify(error.body).length > MAX_REFUSAL_LENGTH);
}
