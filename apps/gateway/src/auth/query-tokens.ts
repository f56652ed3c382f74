import { isReason } from '@medley/domain/media-error';
import { LRUCache } from 'lru-cache';
import type { Tenant } from '../tenants.ts';
import { askHomeserver, homeserverUnavailable } from './ask-homeserver.ts';
import type { Circuit, Circuits } from './circuit.ts';
import { Remembered, type Answered } from './remembered.ts';

const MAX_TENANTS = 10_000;
/** A homeserver's versions change when it is updated. */
const LIFETIME_MS = 3_600_000;
const OUTAGE_LIFETIME_MS = 7 * 86_400_000;
/** A homeserver that can't say is not asked by each request: what else it is asked may go well, so no circuit opens. */
const RETRY_MS = 5000;
/** The last version of Matrix that has `access_token` in URLs. */
const LAST_MINOR = 19;

/** Says whether a tenant's users may show their token in the URL: by the configuration, or while its homeserver speaks no Matrix newer than v1.19. */
export class QueryTokens {
  readonly #known = new Remembered<boolean>({ max: MAX_TENANTS, lifetimeMs: LIFETIME_MS, outageLifetimeMs: OUTAGE_LIFETIME_MS });
  /** When those that could not say may be asked again. */
  readonly #askAgainAt = new LRUCache<string, number>({ max: MAX_TENANTS });
  readonly #circuits: Circuits;
  readonly #now: () => number;

  /** `now` is a monotonic clock, in milliseconds. */
  constructor(circuits: Circuits, now: () => number = () => performance.now()) {
    this.#circuits = circuits;
    this.#now = now;
  }

  /** Yes where nobody can tell: a client that has to show it so could not do anything else. */
  async areTaken(tenant: Tenant): Promise<boolean> {
    if (tenant.queryToken !== 'auto') return tenant.queryToken === 'on';
    if (tenant.clientApi === undefined) return true;
    const circuit = this.#circuits.of(tenant, 'homeserver');
    try {
      return await this.#known.find({ key: tenant.serverName, circuit, ask: () => this.#ask(tenant, circuit) });
    } catch (error) {
      if (isReason(error, 'HOMESERVER_UNAVAILABLE')) return true;
      throw error;
    }
  }

  async #ask(tenant: Tenant, circuit: Circuit): Promise<Answered<boolean>> {
    const { serverName } = tenant;
    if (this.#now() < (this.#askAgainAt.get(serverName) ?? 0)) throw homeserverUnavailable(new Error('it could not say before'));
    try {
      return { value: await isOld(tenant, circuit) };
    } catch (error) {
      this.#askAgainAt.set(serverName, this.#now() + RETRY_MS);
      throw error;
    }
  }
}

async function isOld(tenant: Tenant, circuit: Circuit): Promise<boolean> {
  const { status, body } = await circuit.run(() => askHomeserver(tenant, { path: '/_matrix/client/versions' }));
  const versions = body?.['versions'];
  if (status !== 200 || !Array.isArray(versions)) throw homeserverUnavailable(new Error(`versions answered ${status}`));
  return !versions.some(isNew);
}

function isNew(version: unknown): boolean {
  const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)$/.exec(String(version)) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) > LAST_MINOR);
}
