import type { HomeserverConfig } from '@medley/config/schema';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName, type ServerName } from '@medley/domain/server-name';

/** A homeserver whose media we keep. */
export interface Tenant {
  readonly serverName: ServerName;
  /** The base URL of its client API; without it only static tokens are known. */
  readonly clientApi: string | undefined;
  readonly staticTokens: HomeserverConfig['static_tokens'];
  /** User ids of admins besides those whom the homeserver calls so. */
  readonly admins: readonly string[];
  /** By which its homeserver shows itself when it pushes events. */
  readonly hsToken: string | undefined;
  /** Whether its users may have URL previews, if anybody may. */
  readonly hasPreviews: boolean;
}

export class Tenants {
  readonly all: readonly Tenant[];
  readonly #byHost = new Map<string, Tenant>();
  readonly #only: Tenant | undefined;
  readonly #byName: ReadonlyMap<string, Tenant>;
  readonly #ownNames: ReadonlySet<string>;

  constructor(homeservers: readonly HomeserverConfig[]) {
    const tenants = homeservers.map((homeserver) => ({ tenant: toTenant(homeserver), hosts: homeserver.hosts }));
    for (const { tenant, hosts } of tenants) {
      for (const host of [tenant.serverName, ...hosts]) this.#byHost.set(withoutPort(host), tenant);
    }
    this.all = tenants.map(({ tenant }) => tenant);
    this.#only = tenants.length === 1 ? tenants[0]?.tenant : undefined;
    this.#byName = new Map(tenants.map(({ tenant }) => [tenant.serverName, tenant]));
    this.#ownNames = new Set(tenants.flatMap(({ tenant, hosts }) => [tenant.serverName, ...hosts]).map(withoutUsualPort));
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

  /** The tenant of this very server name, or `undefined`. */
  ofName(serverName: string): Tenant | undefined {
    return this.#byName.get(serverName);
  }

  /** Whether media of this origin is ours. */
  isLocal(origin: string): boolean {
    return this.#byName.has(origin);
  }

  /** Whether a server of this name would be ourselves, be it by another spelling or by a host that we are reached at. */
  isOurs(origin: string): boolean {
    return this.#ownNames.has(withoutUsualPort(origin));
  }
}

function toTenant(homeserver: HomeserverConfig): Tenant {
  return {
    serverName: parseServerName(homeserver.server_name),
    clientApi: homeserver.client_api,
    staticTokens: homeserver.static_tokens,
    admins: homeserver.admins,
    hsToken: homeserver.appservice?.hs_token,
    hasPreviews: homeserver.url_previews.enabled,
  };
}

/** Another port is another server; without one Matrix servers are asked at these. */
function withoutUsualPort(name: string): string {
  return name.toLowerCase().replace(/:(443|8448)$/, '').replace(/\.$/, '');
}

/** Host names compare without case and port. */
function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
