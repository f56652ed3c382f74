import type { IntrospectionConfig, SuspensionConfig } from '@medley/config/accounts';
import { toHostName } from '@medley/config/homeserver';
import { storeOf } from '@medley/config/own-stores';
import type { HomeserverConfig } from '@medley/config/schema';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName, type ServerName } from '@medley/domain/server-name';
import type { StoreName } from '@medley/domain/store-name';
import { serverOfUser } from '@medley/domain/user-id';
import { toAppservice, type Appservice } from './auth/appservices.ts';

/** A homeserver whose media we keep. */
export interface Tenant {
  readonly serverName: ServerName;
  /** Into which what its users upload goes. Where media lies its record says: it may be from before that was so. */
  readonly store: StoreName;
  /** The base URL of its client API; without it nobody is asked for whoami. */
  readonly clientApi: string | undefined;
  /** Where OAuth 2.0 tokens are asked about, before whoami. */
  readonly introspection: IntrospectionConfig | undefined;
  readonly suspension: SuspensionConfig;
  readonly queryToken: HomeserverConfig['query_token'];
  readonly staticTokens: HomeserverConfig['static_tokens'];
  readonly appservices: readonly Appservice[];
  /** User ids of admins besides those whom the homeserver calls so. */
  readonly admins: readonly string[];
  /** Set for a global admin who is at work: other tenants' media is shown as well. */
  readonly seesAll?: true;
  /** By which its homeserver shows itself when it pushes events. */
  readonly hsToken: string | undefined;
  /** Whether its users may have URL previews, if anybody may. */
  readonly hasPreviews: boolean;
}

/** All that it takes of a tenant to tell what is theirs, and whether it is a global admin who looks. */
export type TenantName = Pick<Tenant, 'serverName' | 'seesAll'>;

/** A longer host is told only in part. */
const MAX_TOLD_LENGTH = 100;

export class Tenants {
  readonly all: readonly Tenant[];
  readonly #byHost = new Map<string, Tenant>();
  readonly #only: Tenant | undefined;
  readonly #byName: ReadonlyMap<string, Tenant>;
  readonly #ownNames: ReadonlySet<string>;
  readonly #globalAdmins: ReadonlySet<string>;

  constructor(homeservers: readonly HomeserverConfig[], globalAdmins: readonly string[] = []) {
    const tenants = homeservers.map((homeserver) => ({ tenant: toTenant(homeserver, globalAdmins), hosts: homeserver.hosts }));
    for (const { tenant, hosts } of tenants) {
      for (const host of [tenant.serverName, ...hosts]) this.#byHost.set(toHostName(host), tenant);
    }
    this.#globalAdmins = new Set(globalAdmins);
    this.all = tenants.map(({ tenant }) => tenant);
    this.#only = tenants.length === 1 ? tenants[0]?.tenant : undefined;
    this.#byName = new Map(tenants.map(({ tenant }) => [tenant.serverName, tenant]));
    this.#ownNames = new Set(tenants.flatMap(({ tenant, hosts }) => [tenant.serverName, ...hosts]).map(withoutUsualPort));
  }

  /** The tenant that an HTTP `Host` names; a single one needs no name. Throws UNRECOGNIZED. */
  ofHost(host: string): Tenant {
    const tenant = this.findByHost(host);
    if (tenant !== undefined) return tenant;
    throw new MediaError('UNRECOGNIZED', `No homeserver is configured for the host ${JSON.stringify(host.slice(0, MAX_TOLD_LENGTH))}`);
  }

  /** The same, or `undefined`. */
  findByHost(host: string): Tenant | undefined {
    return this.#only ?? this.#byHost.get(toHostName(host));
  }

  /** The tenant of this very server name, or `undefined`. */
  ofName(serverName: string): Tenant | undefined {
    return this.#byName.get(serverName);
  }

  /** The tenant as one of its admins is to see it. */
  asSeenBy<One extends TenantName>(tenant: One, userId: string): One & Pick<Tenant, 'seesAll'> {
    return this.#globalAdmins.has(userId) ? { ...tenant, seesAll: true } : tenant;
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

function toTenant(homeserver: HomeserverConfig, globalAdmins: readonly string[]): Tenant {
  const serverName = parseServerName(homeserver.server_name);
  return {
    serverName,
    store: storeOf(homeserver),
    clientApi: homeserver.client_api,
    introspection: homeserver.introspection,
    suspension: homeserver.suspension,
    queryToken: homeserver.query_token,
    staticTokens: homeserver.static_tokens,
    appservices: homeserver.appservices.map((one) => toAppservice(one, serverName)),
    admins: [...homeserver.admins, ...globalAdmins.filter((userId) => serverOfUser(userId) === serverName)],
    hsToken: homeserver.appservice?.hs_token,
    hasPreviews: homeserver.url_previews.enabled,
  };
}

/** Another port is another server; without one Matrix servers are asked at these. */
function withoutUsualPort(name: string): string {
  return name.toLowerCase().replace(/:(443|8448)$/, '').replace(/\.$/, '');
}
