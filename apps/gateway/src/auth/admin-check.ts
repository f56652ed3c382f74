import { hash } from 'node:crypto';
import { SingleFlight } from '@medley/streams/single-flight';
import { LRUCache } from 'lru-cache';
import type { Tenant } from '../tenants.ts';
import { askHomeserver, homeserverUnavailable, toRefusal } from './ask-homeserver.ts';
import { Circuits } from './circuit.ts';
import type { Requester } from './requester.ts';
import { findStaticToken } from './static-token.ts';

/** Whose admin somebody may be, and by which token. */
export interface AdminClaim {
  readonly tenant: Tenant;
  readonly requester: Requester;
  readonly token: string;
  /** Whom an appservice acts for. */
  readonly masquerade: string | undefined;
}

const MAX_ADMINS = 10_000;
/** From a homeserver that answers so, the requester is no admin, or it knows no admins. */
const NO = [403, 404, 405];
const REFUSALS = [401, 429];

/**
 * Says who is an admin: whom the configuration names, else whom the homeserver calls one (Synapse: `GET /_synapse/admin/v1/users/{userId}/admin`,
 * asked with the requester's own token). A yes is believed for a short while, per tenant, token and user; a no or an outage is never kept.
 */
export class AdminCheck {
  readonly #known: LRUCache<string, true>;
  readonly #asking = new SingleFlight<boolean>();
  readonly #circuits: Circuits;

  constructor(lifetimeMs: number, circuits: Circuits = new Circuits()) {
    this.#circuits = circuits;
    // lru-cache reads a ttl of 0 as “for ever”
    this.#known = new LRUCache({ max: MAX_ADMINS, ttl: Math.max(lifetimeMs, 1) });
  }

  /** Throws HOMESERVER_UNAVAILABLE, or the homeserver's own refusal of the token. */
  async isAdmin(claim: AdminClaim): Promise<boolean> {
    const { tenant, requester, token } = claim;
    if (requester.isGuest) return false;
    if (requester.isAdmin || tenant.admins.includes(requester.userId)) return true;
    // the homeserver does not know configured tokens, and would call them bad
    if (tenant.clientApi === undefined || findStaticToken(tenant, token) !== undefined) return false;
    const key = hash('sha256', JSON.stringify([tenant.serverName, token, requester.userId]), 'base64');
    if (this.#known.has(key)) return true;
    return this.#asking.run(key, () => this.#ask(key, claim));
  }

  async #ask(key: string, { tenant, requester, token, masquerade }: AdminClaim): Promise<boolean> {
    const path = `/_synapse/admin/v1/users/${encodeURIComponent(requester.userId)}/admin`;
    const answer = await this.#circuits.of(tenant, 'homeserver').run(() => askHomeserver(tenant, { path, query: { user_id: masquerade }, token }));
    const refusal = toRefusal(answer, REFUSALS);
    if (refusal !== undefined) throw refusal;
    if (NO.includes(answer.status)) return false;
    const isAdmin = answer.body?.['admin'];
    if (answer.status !== 200 || typeof isAdmin !== 'boolean') throw homeserverUnavailable(new Error(`the look-up of an admin answered ${answer.status}`));
    if (isAdmin) this.#known.set(key, true);
    return isAdmin;
  }
}
