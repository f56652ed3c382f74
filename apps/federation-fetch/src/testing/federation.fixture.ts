import { parseServerName } from '@medley/domain/server-name';
import { AUTHORITY, SITE_TLS } from '@medley/safe-fetch/certificates.fixture';
import type { DnsRecord } from '@medley/safe-fetch/dns-server.fixture';
import type { GetOptions, Inspection, SafeFetch, SafeResponse, ServiceRecord } from '@medley/safe-fetch/safe-fetch';
import type { Target } from '@medley/safe-fetch/url-rules';
import { httpAnswer, type WebScript, type WebServer } from '@medley/safe-fetch/web-server.fixture';
import { SITE, World } from '@medley/safe-fetch/world.fixture';
import { Discovery, type DiscoveryOptions } from '../discovery/discovery.ts';
import type { Route } from '../discovery/route.ts';

/** The server name of a fixture; the certificate of the site is for it, for all names below it and for its address. */
export const NAME = 'site.example.com';
export const BELOW = 'd.site.example.com';
export const RULES = { enabled: true, denied_servers: [] };

const WELL_KNOWN = '/.well-known/matrix/server';

/** A clock that stands still unless it is told to go on. */
export class Clock {
  at = 1_700_000_000_000;

  readonly now = (): number => this.at;
}

/** Fetches as it should, but from other ports than the standard's, which only root may listen on and only one can have; and with less patience. */
export class PortMap {
  readonly #fetch: SafeFetch;
  readonly #ports: ReadonlyMap<number, number>;

  constructor(fetch: SafeFetch, ports: ReadonlyMap<number, number>) {
    this.#fetch = fetch;
    this.#ports = ports;
  }

  get(url: string, options: GetOptions, signal: AbortSignal): Promise<SafeResponse> {
    const { hostname, port } = new URL(url);
    const via = this.#map(options.via ?? { host: hostname, port: Number(port || 443) });
    return this.#fetch.get(url, { ...options, via, deadlineMs: Math.min(options.deadlineMs, 2500) }, signal);
  }

  resolveServices(name: string, signal: AbortSignal): Promise<readonly ServiceRecord[]> {
    return this.#fetch.resolveServices(name, signal);
  }

  inspect(via: Target, name: string, deadlineMs: number, signal: AbortSignal): Promise<Inspection> {
    return this.#fetch.inspect(this.#map(via), name, deadlineMs, signal);
  }

  #map({ host, port }: Target): Target {
    return { host, port: this.#ports.get(port) ?? port };
  }
}

/** A small Matrix Internet: `site.example.com` has a web server at 443, and a Matrix server at 8448 and 9443. Both are one address, by TLS. */
export class Federation implements AsyncDisposable {
  readonly world: World;
  readonly web: WebServer;
  readonly matrix: WebServer;
  readonly clock = new Clock();
  readonly fetch: PortMap;

  private constructor(world: World, web: WebServer, matrix: WebServer) {
    this.world = world;
    this.web = web;
    this.matrix = matrix;
    const fetcher = world.fetcher({ ca: AUTHORITY, allowsDowngrade: false, dnsTimeoutMs: 1500, connectTimeoutMs: 1500 });
    this.fetch = new PortMap(fetcher, new Map([[443, web.port], [8448, matrix.port], [9443, matrix.port]]));
  }

  static async start(): Promise<Federation> {
    const world = await World.start();
    const [web, matrix] = [await world.serve(SITE, SITE_TLS), await world.serve(SITE, SITE_TLS)];
    world.dns.set(BELOW, [SITE]);
    matrix.set('*', httpAnswer('200 OK', {}, 'matrix'));
    return new Federation(world, web, matrix);
  }

  discovery(options: Partial<DiscoveryOptions> = {}): Discovery {
    return new Discovery({ fetch: this.fetch, rules: RULES, ownNames: ['us.example.org'], now: this.clock.now, random: () => 0.5, ...options });
  }

  resolve(name: string, discovery = this.discovery()): Promise<readonly Route[]> {
    return discovery.resolve(parseServerName(name), new AbortController().signal);
  }

  /** The site delegates to a server, or answers as the script says. */
  delegate(answer: string | { readonly script: WebScript }): void {
    this.web.set(WELL_KNOWN, typeof answer === 'string' ? httpAnswer('200 OK', {}, JSON.stringify({ 'm.server': answer })) : answer.script);
  }

  /** A name has these SRV records: priority, weight, port and target. */
  serve(service: string, ...records: readonly string[]): void {
    this.world.dns.set(service, (type) => ({ records: type === 'SRV' ? records.map((data): DnsRecord => ({ name: service, type, data })) : [] }));
  }

  /** How often the site was asked to whom it delegates. */
  get wellKnowns(): number {
    return this.web.requests.filter(({ path }) => path === WELL_KNOWN).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
