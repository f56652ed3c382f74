import assert from 'node:assert/strict';
import { collectBytes } from '@medley/streams/byte-stream';
import { DnsServer } from './dns-server.fixture.ts';
import { fetchFailureOf, type FetchFailure, type FetchFailureCode } from './fetch-failure.ts';
import type { FetchPolicy } from './fetch-policy.ts';
import { SafeFetch, type GetOptions, type SafeResponse } from './safe-fetch.ts';
import { whereFree } from './taken-ports.fixture.ts';
import { httpAnswer, WebServer } from './web-server.fixture.ts';

/** Stands for the public Internet: addresses of this machine that the policy opens. */
export const PUBLIC_NETWORK = '127.77.0.0/16';
export const SITE = '127.77.0.1';
export const SECOND_SITE = '127.77.0.2';

const LIMITS = { maxBytes: 1 << 20, deadlineMs: 20_000 };

export interface Page {
  readonly response: SafeResponse;
  readonly text: string;
}

/** A small Internet: a DNS server, a site, and a trap at every other address of this machine that counts who connects to it. */
export class World implements AsyncDisposable {
  readonly dns: DnsServer;
  readonly site: WebServer;
  readonly trap: WebServer;
  readonly #fetchers: SafeFetch[] = [];
  readonly #servers: WebServer[] = [];

  private constructor(dns: DnsServer, site: WebServer, trap: WebServer) {
    this.dns = dns;
    this.site = site;
    this.trap = trap;
  }

  /** `site.example.com` is up, and answers `/` with `hello`. */
  static async start(): Promise<World> {
    const { site, trap } = await whereFree(startBoth);
    const dns = await DnsServer.start();
    trap.set('*', httpAnswer('200 OK', {}, 'secret'));
    dns.set('site.example.com', [SITE]);
    site.set('/', httpAnswer('200 OK', { 'content-type': 'text/html' }, 'hello'));
    return new World(dns, site, trap);
  }

  /** A URL on the site's port. */
  url(host: string, path = '/'): string {
    return `http://${host}:${this.site.port}${path}`;
  }

  fetcher(policy: Partial<FetchPolicy> = {}): SafeFetch {
    const defaults = { userAgent: 'test', ports: 'unreserved', networks: { allowed: [PUBLIC_NETWORK] }, allowsDowngrade: true } as const;
    const fetcher = new SafeFetch({ ...defaults, dnsServers: [this.dns.address], ...policy });
    this.#fetchers.push(fetcher);
    return fetcher;
  }

  /** Another server, ended with the world. */
  async serve(...args: Parameters<typeof WebServer.start>): Promise<WebServer> {
    const server = await WebServer.start(...args);
    this.#servers.push(server);
    return server;
  }

  async get(url: string, options: Partial<GetOptions> = {}, fetcher = this.fetcher()): Promise<Page> {
    const response = await fetcher.get(url, { ...LIMITS, ...options }, new AbortController().signal);
    return { response, text: (await collectBytes(response.body, LIMITS.maxBytes)).toString() };
  }

  /** The fetch fails, with the one face for strangers, for this cause; and nobody fell into the trap. */
  async refuses(url: string, code: FetchFailureCode, options: Partial<GetOptions> = {}, fetcher = this.fetcher()): Promise<FetchFailure> {
    const error: unknown = await this.get(url, options, fetcher).then(({ text }) => assert.fail(`${url} was fetched: ${text}`), (reason: unknown) => reason);
    const failure = fetchFailureOf(error);
    assert.ok(failure !== undefined && error instanceof Error, String(error));
    assert.equal(error.message, 'The URL could not be fetched');
    assert.equal(failure.code, code, failure.message);
    assert.equal(this.trap.connections, 0, 'a forbidden connection was made');
    return failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#fetchers, this.site, this.trap, this.dns, ...this.#servers].map((part) => part[Symbol.asyncDispose]()));
  }
}

/** Of the same port, so that all that a name changes is the address. */
async function startBoth(): Promise<{ readonly site: WebServer; readonly trap: WebServer }> {
  await using opened = new AsyncDisposableStack();
  const site = opened.use(await WebServer.start(SITE));
  const trap = await WebServer.start('127.0.0.1', undefined, site.port);
  opened.move();
  return { site, trap };
}
