import type { ServerName } from './server-name.ts';

/** With which Matrix servers we have to do. A pattern is a server name, or `*.` and a name for every server below it. */
export interface FederationRules {
  readonly enabled: boolean;
  readonly denied_servers: readonly string[];
  /** If present, no other server is asked or answered. */
  readonly allowed_servers?: readonly string[] | undefined;
}

/** Whether another server may be asked or answered. Server names are compared without ports; lower and upper case are the same here, so that no rule is slipped past. */
export function isFederated(server: ServerName, { enabled, denied_servers, allowed_servers }: FederationRules): boolean {
  if (!enabled || denied_servers.some((pattern) => fits(server, pattern))) return false;
  return allowed_servers === undefined || allowed_servers.some((pattern) => fits(server, pattern));
}

function fits(server: string, pattern: string): boolean {
  const name = withoutPort(server);
  const wanted = withoutPort(pattern);
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) : name === wanted;
}

function withoutPort(name: string): string {
  return name.toLowerCase().replace(/:[0-9]+$/, '').replace(/\.$/, '');
}
