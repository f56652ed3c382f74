import type { UrlPreviewsConfig } from '@medley/config/url-previews';
import { matchesGlob } from '@medley/domain/matches-glob';
import type { FetchPolicy } from '@medley/safe-fetch/fetch-policy';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

type UrlRule = UrlPreviewsConfig['denied_urls'][number];

/** What previews may fetch: the rules of the configuration, for every hop of every fetch. */
export function toFetchPolicy(config: UrlPreviewsConfig): FetchPolicy {
  return {
    userAgent: config.user_agent,
    ports: config.ports === 'any' ? 'unreserved' : config.ports,
    networks: { denied: config.denied_networks, allowed: config.allowed_networks },
    hosts: { denied: config.denied_hosts, ...(config.allowed_hosts !== undefined && { only: config.allowed_hosts }) },
    judge: (url) => (config.denied_urls.some((rule) => fitsRule(rule, url)) ? 'denied by url_previews.denied_urls' : undefined),
    allowsDowngrade: true,
    ...(config.proxy !== undefined && { proxy: config.proxy }),
  };
}

/** The name under which a site is asked. */
export function userAgentFor(url: string, { user_agent: usual, user_agents: others }: UrlPreviewsConfig): string {
  const host = URL.parse(url)?.hostname ?? '';
  const own = others.find(({ hosts }) => hosts.some((one) => one === host || (one.startsWith('*.') && host.endsWith(one.slice(1)))));
  return own?.user_agent ?? usual;
}

function fitsRule(rule: UrlRule, url: URL): boolean {
  const parts = {
    scheme: url.protocol.slice(0, -1),
    host: url.hostname,
    port: url.port || (DEFAULT_PORTS[url.protocol] ?? ''),
    path: url.pathname,
    query: url.search.slice(1),
  };
  return (Object.keys(parts) as (keyof typeof parts)[]).every((name) => rule[name] === undefined || matchesGlob(rule[name], parts[name]));
}
