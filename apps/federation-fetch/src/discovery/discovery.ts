import { MediaError } from '@medley/domain/media-error';
import { isFederated, type FederationRules } from '@medley/domain/federation-rules';
import { splitServerName, type ServerName } from '@medley/domain/server-name';
import type { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { isLiteral, routeTo, type DiscoveryStep, type Route } from './route.ts';
import { Services } from './services.ts';
import { WellKnown } from './well-known.ts';

export type { Route } from './route.ts';

export interface DiscoveryOptions {
  readonly fetch: Pick<SafeFetch, 'get' | 'resolveServices'>;
  readonly rules: FederationRules;
  /** The server names of all our tenants. */
  readonly ownNames: readonly string[];
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Between 0 and 1, for the jitter of lifetimes. */
  readonly random?: () => number;
  /** Hears what each look-up came to. */
  readonly note?: (kind: 'well_known' | 'srv', isGood: boolean, detail: string) => void;
}

/** The SRV services of a name, each with its step; the second is deprecated since v1.8. */
type ServiceSteps = readonly (readonly [service: string, step: DiscoveryStep])[];

const OWN_SERVICES: ServiceSteps = [['_matrix-fed._tcp', '4'], ['_matrix._tcp', '5']];
const DELEGATED_SERVICES: ServiceSteps = [['_matrix-fed._tcp', '3.3'], ['_matrix._tcp', '3.4']];

/** Finds the ways to other servers, and remembers them for as long as they allow. */
export class Discovery {
  readonly #rules: FederationRules;
  readonly #ownNames: ReadonlySet<string>;
  readonly #wellKnown: WellKnown;
  readonly #services: Services;

  constructor({ rules, ownNames, ...options }: DiscoveryOptions) {
    this.#rules = rules;
    this.#ownNames = new Set(ownNames.map((name) => name.toLowerCase()));
    this.#wellKnown = new WellKnown(options);
    this.#services = new Services(options);
  }

  /**
   * The routes to a server, to be tried in this order (server-server API, “Resolving server names”). Throws FORBIDDEN for our
   * own names and for servers that the configuration excludes, FETCH_FAILED if it says that it serves nobody, or the signal's reason.
   */
  async resolve(name: ServerName, signal: AbortSignal): Promise<readonly Route[]> {
    if (this.#ownNames.has(name.toLowerCase()) || !isFederated(name, this.#rules)) throw new MediaError('FORBIDDEN', `Federation denied with ${name}.`);
    return this.locate(name, signal);
  }

  /** As `resolve`, but for servers that the configuration itself names. */
  async locate(name: ServerName, signal: AbortSignal): Promise<readonly Route[]> {
    if (isLiteral(name)) return [routeTo(name, '1')];
    if (splitServerName(name).port !== undefined) return [routeTo(name, '2')];
    const delegated = await this.#wellKnown.get(name, signal);
    if (delegated === undefined) return (await this.#byService(name, OWN_SERVICES, signal)) ?? [routeTo(name, '6')];
    if (isLiteral(delegated)) return [routeTo(delegated, '3.1')];
    if (splitServerName(delegated).port !== undefined) return [routeTo(delegated, '3.2')];
    return (await this.#byService(delegated, DELEGATED_SERVICES, signal)) ?? [routeTo(delegated, '3.5')];
  }

  async #byService(name: ServerName, services: ServiceSteps, signal: AbortSignal): Promise<readonly Route[] | undefined> {
    for (const [service, step] of services) {
      const records = await this.#services.get(`${service}.${name.toLowerCase()}`, signal);
      const targets = records.filter(({ host, port }) => host !== '' && port !== 0);
      if (targets.length > 0) return targets.map((target) => routeTo(name, step, target));
      if (records.length > 0) throw new MediaError('FETCH_FAILED', 'The server could not be found', { cause: new Error(`${service}.${name} says that there is no such service`) });
    }
    return undefined;
  }
}
