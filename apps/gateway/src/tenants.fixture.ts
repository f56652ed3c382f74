import { homeservers } from '@medley/config/homeserver';
import { Tenants, type Tenant } from './tenants.ts';

/** A tenant of this configuration, with a static token of `@fixed` unless it says otherwise. */
export function makeTenant(parts: Readonly<Record<string, unknown>> = {}, globalAdmins: readonly string[] = []): Tenant {
  const serverName = String(parts['server_name'] ?? 'example.org');
  const staticTokens = [{ token: 'fixed', user_id: `@fixed:${serverName}`, admin: true }];
  const [tenant] = new Tenants(homeservers.parse([{ server_name: serverName, static_tokens: staticTokens, ...parts }]), globalAdmins).all;
  if (tenant === undefined) throw new Error('one homeserver makes one tenant');
  return tenant;
}
