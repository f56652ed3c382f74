import { isIP } from 'node:net';
import type { ByteStream } from '@medley/streams/byte-stream';
import { AddressJudge, type CheckedAddress } from './address-judge.ts';
import { ask, type Answer, type Question } from './ask.ts';
import { Connections } from './connections.ts';
import { Course } from './course.ts';
import { fetchFailed, FetchFailure, fetchFailureOf, type Hop } from './fetch-failure.ts';
import type { FetchPolicy } from './fetch-policy.ts';
import { inspectPeer, type Inspection } from './inspect.ts';
import { isRedirect, judgeRedirect, redirectTarget } from './redirect.ts';
import { requestHeaders } from './request-headers.ts';
import { resolveChecked, type ResolveLimits } from './resolve.ts';
import { resolveServices, type ServiceRecord } from './resolve-services.ts';
import { ResponseBody } from './response-body.ts';
import { judgeUrl, judgeVia, parseUrl, type Target } from './url-rules.ts';

export type { Inspection } from './inspect.ts';
export type { ServiceRecord } from './resolve-services.ts';

export interface GetOptions {
  /** Sent to the origin of the URL; of these only accept, accept-language and user-agent go to any other that it redirects to, or go on from there. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The most that the body may hold when it is decoded. Of an answer that is no success 8 KiB are enough. */
  readonly maxBytes: number;
  /** What happens beyond: it fails with TOO_LARGE (at once if the answer says its length), or just ends there. Default: `fail`. */
  readonly tooLarge?: 'fail' | 'cut';
  /** Asked of a success before its body is read. */
  readonly accept?: (contentType: string | undefined) => boolean;
  /** Default: 3. */
  readonly maxRedirects?: number;
  /** For everything together, from the question of DNS to the last byte of the body. */
  readonly deadlineMs: number;
  /** Hears of every hop when it is over, and of the last again if its body fails. */
  readonly onHop?: (hop: Hop) => void;
  /** Where to connect for the first request instead of the URL's own host and port; judged in the same way. */
  readonly via?: Target;
  /** How the first request writes the host of its URL, where that must hold a default port, too. */
  readonly hostHeader?: string;
  /** JSON to be posted instead of just asking; then no redirect is followed. */
  readonly json?: string;
}

export interface SafeResponse {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Where the answer comes from, after all redirects. */
  readonly url: string;
  readonly hops: readonly Hop[];
  /** Decoded. To be read to its end, left or destroyed; it fails like `get`, and with TOO_LARGE. */
  readonly body: ByteStream & { destroy(): void };
}

const DEFAULT_REDIRECTS = 3;
const DEFAULT_DNS_TIMEOUT_MS = 3000;
/** Two of them, and what the coarse timers of undici add, are less than 5 s. */
const DEFAULT_CONNECT_TIMEOUT_MS = 1800;
const DEFAULT_ADDRESSES = 16;
const MAX_ERROR_BYTES = 8 * 1024;

/** Fetches what strangers name. The only way out to the Internet: every hop of every fetch passes its rules. */
export class SafeFetch implements AsyncDisposable {
  readonly #policy: FetchPolicy;
  readonly #judge: AddressJudge;
  readonly #connections: Connections;
  readonly #resolveLimits: ResolveLimits;

  /** Throws a RangeError if a network of the policy is none. */
  constructor(policy: FetchPolicy) {
    const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, dnsTimeoutMs = DEFAULT_DNS_TIMEOUT_MS, maxAddresses = DEFAULT_ADDRESSES } = policy;
    this.#policy = policy;
    this.#judge = new AddressJudge(policy.networks);
    this.#connections = new Connections({ connectTimeoutMs, ca: policy.ca, proxy: policy.proxy });
    this.#resolveLimits = { dnsServers: policy.dnsServers, dnsTimeoutMs, maxAddresses };
  }

  /**
   * Fetches a URL and returns when the final answer's headers are there, whatever its status. Fails with FETCH_FAILED, the
   * same for every cause (`fetchFailureOf` tells it to admins), with TOO_LARGE, or with the signal's reason when it aborts.
   */
  async get(url: string, options: GetOptions, signal: AbortSignal): Promise<SafeResponse> {
    const course = new Course(options.deadlineMs, signal, options.onHop);
    try {
      const { answer, finalUrl } = await this.#follow(url, options, course);
      const body = openBody(answer, options, course);
      course.trail.end();
      this.#policy.onFetched?.('answered');
      return { status: answer.status, header: (name) => answer.values(name)[0], url: finalUrl.href, hops: course.trail.hops, body };
    } catch (error) {
      course[Symbol.dispose]();
      const explained = course.explain(error);
      this.#policy.onFetched?.(fetchFailureOf(explained)?.code ?? 'given up');
      throw explained;
    }
  }

  /**
   * The SRV records of a name in the order to be tried, as the DNS servers of the policy know them; none if there are none. Where
   * they lead is not judged yet: that is done by `via`. Fails with FETCH_FAILED, or with the signal's reason.
   */
  async resolveServices(name: string, signal: AbortSignal): Promise<readonly ServiceRecord[]> {
    try {
      return await resolveServices(name, this.#resolveLimits, signal);
    } catch (error) {
      throw error instanceof FetchFailure ? fetchFailed(error) : error;
    }
  }

  /** Connects as `get` does with `via`, by TLS to the peer of this name or address, says nothing and tells what is there. Rejects only with the signal's reason. */
  async inspect(via: Target, name: string, deadlineMs: number, signal: AbortSignal): Promise<Inspection> {
    if (this.#connections.isProxied) return { isProxied: true, addresses: [] };
    const resolve = (): Promise<readonly CheckedAddress[]> => resolveChecked(judgeVia(via, this.#policy).host, this.#judge, this.#resolveLimits, signal);
    return await inspectPeer({ resolve, port: via.port, name, ca: this.#policy.ca, deadlineMs }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]();
  }

  async #follow(text: string, options: GetOptions, course: Course): Promise<{ answer: Answer; finalUrl: URL }> {
    const { trail } = course;
    trail.begin(text);
    const start = parseUrl(text);
    start.hash = '';
    const maxRedirects = options.json === undefined ? (options.maxRedirects ?? DEFAULT_REDIRECTS) : 0;
    const rules = { maxRedirects, allowsDowngrade: this.#policy.allowsDowngrade };
    const seen = new Set<string>();
    let isAtHome = true;
    for (let url = start; ; ) {
      seen.add(url.href);
      // who was away may come back with a path that somebody else chose
      isAtHome &&= url.origin === start.origin;
      const headers = requestHeaders(options.headers ?? {}, this.#policy.userAgent, isAtHome);
      const answer = await this.#ask(url, headers, url === start ? options : {}, course);
      const locations = answer.values('location');
      if (!isRedirect(answer.status, locations)) return { answer, finalUrl: url };
      answer.body.destroy();
      trail.begin(locations.join(', '));
      const next = redirectTarget(locations, url);
      trail.note({ url: next.href });
      judgeRedirect(url, next, seen, rules);
      url = next;
    }
  }

  async #ask(url: URL, headers: Question['headers'], { via, hostHeader, json }: Pick<GetOptions, 'via' | 'hostHeader' | 'json'>, course: Course): Promise<Answer> {
    const own = judgeUrl(url, this.#policy);
    const target = via === undefined ? own : judgeVia(via, this.#policy);
    const isTheirs = this.#connections.isProxied && isIP(target.host) === 0;
    const addresses = isTheirs ? [] : await resolveChecked(target.host, this.#judge, this.#resolveLimits, course.signal);
    return await ask({ url, target, headers, host: hostOf(url, hostHeader), addresses, json }, this.#connections, course);
  }
}

/** Throws a TypeError if a host header means another host than the URL. */
function hostOf(url: URL, hostHeader: string = url.host): string {
  const isOne = /^[\w.:[\]-]+$/.test(hostHeader) && parseUrl(`${url.protocol}//${hostHeader}`).host === url.host;
  if (!isOne) throw new TypeError('The host header is not the host of the URL');
  return hostHeader;
}

/** Judges the final answer by its headers, and opens its body. */
function openBody(answer: Answer, options: GetOptions, course: Course): ResponseBody {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const [contentType] = answer.values('content-type');
  try {
    if (isSuccess && options.accept?.(contentType) === false) {
      throw new FetchFailure('TYPE_REFUSED', `The type is ${contentType?.slice(0, 100) ?? 'not said'}`);
    }
    const { maxBytes, tooLarge = 'fail' } = options;
    const limits = isSuccess ? { maxBytes, tooLarge } : ({ maxBytes: Math.min(maxBytes, MAX_ERROR_BYTES), tooLarge: 'cut' } as const);
    return new ResponseBody(answer, limits, course);
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}
