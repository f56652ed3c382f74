import type { HomeserverConfig } from '@medley/config/schema';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName, type ServerName } from '@medley/domain/server-name';

/** A homeserver whose media we keep. */
export interface Tenant {
  readonly serverName: ServerName;
  /** The base URL of its client API; without it only static tokens are known. */
  readonly clientApi: string | undefined;
  readonly staticTokens: HomeserverConfig['static_tokens'];
  /** Whether its users may have URL previews, if anybody may. */
  readonly hasPreviews: boolean;
}

export class Tenants {
  readonly #byHost = new Map<string, Tenant>();
  readonly #only: Tenant | undefined;
  readonly #names: ReadonlySet<string>;

  constructor(homeservers: readonly HomeserverConfig[]) {
    const tenants = homeservers.map((homeserver) => ({ tenant: toTenant(homeserver), hosts: homeserver.hosts }));
    for (const { tenant, hosts } of tenants) {
      for (const host of [tenant.serverName, ...hosts]) this.#byHost.set(withoutPort(host), tenant);
    }
    this.#only = tenants.length === 1 ? tenants[0]?.tenant : undefined;
    this.#names = new Set(tenants.map(({ tenant }) => tenant.serverName));
  }

  /** The tenant that an HTTP `Host` names; a single one needs no name. Throws UNRECOGNIZED. */
  ofHost(host: string): Tenant {
    const tenant = this.findByHost(host);
    if (tenant === undefined) throw new MediaError('UNRECOGNIZED', `No homeserver is configured for the host ${JSON.stringify(host)}`);
    return tenant;
  }

  /** The same, or `undefined`. */
  findByHost(host: string): Tenant | undefined {
    return this.#only ?? this.#byHost.get(withoutPort(host));
  }

  /** Whether media of this origin is ours. */
  isLocal(origin: string): boolean {
    return this.#names.has(origin);
  }
}

function toTenant(homeserver: HomeserverConfig): Tenant {
  return {
    serverName: parseServerName(homeserver.server_name),
    clientApi: homeserver.client_api,
    staticTokens: homeserver.static_tokens,
    hasPreviews: homeserver.url_previews.enabled,
  };
}

/** Host names compare without case and port. */
function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
