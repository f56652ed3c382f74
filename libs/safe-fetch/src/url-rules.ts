import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { FetchFailure } from './fetch-failure.ts';
import { RESERVED_PORTS, type FetchPolicy } from './fetch-policy.ts';

const MAX_URL_LENGTH = 8192;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const NAME = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;
const MAX_NAME_LENGTH = 253;

/** Names that mean something in somebody's own network (RFC 6761 and its registry), never a public site. */
const SPECIAL_SUFFIXES = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'home.arpa', 'onion', 'alt', 'invalid', 'arpa'];

/** Where to connect to: a name without a final dot, or an address without brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Reads a URL as browsers do, so that every legacy notation becomes what it means, and leaves out the final dot of its host. Throws a FetchFailure if it is none. */
export function parseUrl(text: string, base?: URL): URL {
  if (text.length > MAX_URL_LENGTH) throw refused(`The URL is longer than ${MAX_URL_LENGTH} characters`);
  // the parser would leave out tabs and line ends in the middle
  if (/\p{Cc}/u.test(text)) throw refused('The URL holds control characters');
  const url = URL.parse(text, base?.href);
  if (url === null) throw refused('This is not a URL');
  // the same name to DNS, but not to rules that compare names, nor to many servers
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  return url;
}

/** Judges all of a URL that can be judged before its name is resolved, and says where it leads. Throws a FetchFailure. */
export function judgeUrl(url: URL, policy: FetchPolicy): Target {
  const defaultPort = DEFAULT_PORTS[url.protocol];
  if (defaultPort === undefined) throw refused(`The scheme ${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') throw refused('The URL holds a user or password');
  const target = judgeTarget({ host: url.hostname, port: url.port === '' ? defaultPort : Number(url.port) }, policy);
  const objection = policy.judge?.(url);
  if (objection !== undefined) throw refused(objection);
  return target;
}

/** Judges where to connect to, said by something else than a URL, in the same way and by the same reading. */
export function judgeVia({ host, port }: Target, policy: FetchPolicy): Target {
  if (!/^[\w.:[\]-]+$/.test(host)) throw refused('This is not a host');
  return judgeTarget({ host: parseUrl(`http://${isIP(host) === 6 ? `[${host}]` : host}/`).hostname, port }, policy);
}

/** The host of a URL as the rest of the world writes it: without brackets. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function judgeTarget(target: Target, policy: FetchPolicy): Target {
  const host = bareHost(target.host);
  if (!isPortOpen(target.port, policy.ports)) throw refused(`Port ${target.port} is not open to fetches`);
  if (isIP(host) === 0) judgeName(host, policy.hosts?.special ?? []);
  if (matchesAny(host, policy.hosts?.denied ?? [])) throw refused(`${host} is denied by the configuration`);
  const only = policy.hosts?.only;
  if (only !== undefined && !matchesAny(host, only)) throw refused(`${host} is not among the hosts that are allowed`);
  return { host, port: target.port };
}

function judgeName(name: string, opened: readonly string[]): void {
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) throw refused(`${name.slice(0, MAX_NAME_LENGTH)} is not a name of DNS`);
  const isSpecial = !name.includes('.') || SPECIAL_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
  if (isSpecial && !matchesAny(name, opened)) throw refused(`${name} is not a public name`);
}

function isPortOpen(port: number, ports: FetchPolicy['ports']): boolean {
  if (ports !== 'unreserved') return ports.includes(port);
  return Number.isInteger(port) && port > 0 && port <= 65_535 && !RESERVED_PORTS.has(port);
}

function matchesAny(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(`.${toHost(pattern.slice(2))}`) : host === toHost(pattern)));
}

/** Operators write names in capitals and in their own alphabet, too. */
function toHost(text: string): string {
  return isIP(text) === 0 ? domainToASCII(text) : bareHost(new URL(`http://${isIP(text) === 6 ? `[${text}]` : text}/`).hostname);
}

function refused(detail: string): FetchFailure {
  return new FetchFailure('URL_REFUSED', detail);
}
