import { MediaError } from '@medley/domain/media-error';
import type { Tenant } from '../tenants.ts';
import { askHomeserver, homeserverUnavailable } from './ask-homeserver.ts';
import type { Circuit, Circuits } from './circuit.ts';
import { Remembered } from './remembered.ts';

const MAX_USERS = 50_000;
const PATHS = { spec: '/_matrix/client/v1/admin/suspend/', synapse: '/_synapse/admin/v2/users/' } as const;

/**
 * Says who is suspended, where the configuration names a way to learn it: whoami does not say, and a suspended user's token stays good. Believed
 * for a short while, per tenant and user, and for longer while the homeserver is away.
 */
export class Suspensions {
  readonly #known = new Map<string, Remembered<boolean>>();
  readonly #outageLifetimeMs: number;
  readonly #circuits: Circuits;

  constructor(outageLifetimeMs: number, circuits: Circuits) {
    this.#outageLifetimeMs = outageLifetimeMs;
    this.#circuits = circuits;
  }

  /** Throws USER_SUSPENDED, and HOMESERVER_UNAVAILABLE where nobody can tell, be it that our own token for asking is refused. */
  async refuse(tenant: Tenant, userId: string): Promise<void> {
    if (tenant.suspension.check === 'off') return;
    const circuit = this.#circuits.of(tenant, 'homeserver');
    const ask = async () => ({ value: await isSuspended(tenant, userId, circuit) });
    if (await this.#of(tenant).find({ key: userId, circuit, ask })) throw new MediaError('USER_SUSPENDED', 'This account is suspended');
  }

  #of({ serverName, suspension }: Tenant): Remembered<boolean> {
    const known = this.#known.get(serverName) ?? new Remembered({ max: MAX_USERS, lifetimeMs: suspension.lifetime, outageLifetimeMs: this.#outageLifetimeMs });
    this.#known.set(serverName, known);
    return known;
  }
}

async function isSuspended(tenant: Tenant, userId: string, circuit: Circuit): Promise<boolean> {
  const { check, token = '' } = tenant.suspension;
  if (check === 'off') return false;
  const { status, body } = await circuit.run(() => askHomeserver(tenant, { path: `${PATHS[check]}${encodeURIComponent(userId)}`, token }));
  // a user of the configuration, whom the homeserver does not know
  if (status === 404 && body?.['errcode'] === 'M_NOT_FOUND') return false;
  const suspended = body?.['suspended'];
  if (status === 200 && typeof suspended === 'boolean') return suspended;
  throw homeserverUnavailable(new Error(`the look-up of a suspended user answered ${status}`));
}
