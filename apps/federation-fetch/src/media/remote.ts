import type { FederationConfig } from '@medley/config/federation';
import { MediaError } from '@medley/domain/media-error';
import { fetchFailureOf } from '@medley/safe-fetch/fetch-failure';
import type { SafeFetch, SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { askServer } from '../discovery/ask-server.ts';
import type { Discovery, Route } from '../discovery/discovery.ts';
import { Lru } from '../lru.ts';
import type { SignRequest } from '../signing/sign-request.ts';
import { ENVELOPE_BYTES, fromPart, fromWholeAnswer, type Arrival, type Tail } from './arrival.ts';
import { fetchFailed, remoteTooLarge, ServerDown } from './fetch-failed.ts';
import { parseParameters } from './header-parameters.ts';
import { federationUri, legacyUri, type MediaRequest } from './media-request.ts';
import { boundaryOf, openMultipart } from './multipart.ts';
import type { Patience } from './patience.ts';
import { isUnrecognized, readRefusal, toMediaError, type Refusal } from './reply.ts';

export interface RemoteOptions {
  readonly fetch: Pick<SafeFetch, 'get'>;
  readonly discovery: Pick<Discovery, 'resolve'>;
  readonly sign: SignRequest;
  readonly config: Pick<FederationConfig, 'timeout' | 'max_duration' | 'spool_bytes'>;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** One request under way: what is asked, by which ways, and how long we wait. */
interface Asking {
  readonly request: MediaRequest;
  readonly routes: readonly Route[];
  readonly patience: Patience;
}

const MAX_REDIRECTS = 5;
const LEGACY_LIFETIME_MS = 3_600_000;
/** How many servers are remembered. */
const MAX_SERVERS = 10_000;
/** Failures to reach a server at all. */
const UNREACHED: ReadonlySet<string> = new Set(['NAME_NOT_RESOLVED', 'CONNECT_FAILED', 'TLS_FAILED', 'TIMED_OUT', 'RESPONSE_BROKEN']);

/** Asks other servers for media, by the endpoint that is signed, or by the older ones where a server does not know that. */
export class Remote {
  readonly #options: RemoteOptions;
  readonly #now: () => number;
  /** Servers that did not know the new endpoint, and until when they are believed. */
  readonly #legacy = new Lru<number>(MAX_SERVERS);
  /** How much servers put after their media, besides a boundary: each does so in its own way, and always the same. */
  readonly #tails = new Lru<number | undefined>(MAX_SERVERS);

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Returns when the media begins to arrive. Fails as FetchMedia does, with a ServerDown where the server did not answer or
   * only to say that it cannot, or with the reason of the patience's signal.
   */
  async open(request: MediaRequest, patience: Patience): Promise<Arrival> {
    patience.expect('an answer', this.#options.config.timeout + request.waitMs);
    const routes = await this.#locate(request, patience.signal);
    const asking = { request, routes, patience };
    const isLegacy = (this.#legacy.get(request.origin) ?? 0) > this.#now();
    if (!isLegacy) return this.#openByEither(asking);
    try {
      return await this.#openLegacy(asking);
    } catch (error) {
      if (!(error instanceof MediaError) || error.reason !== 'NOT_FOUND') throw error;
      // Its newer media may be had only by the endpoint that it knows by now.
      return this.#openByEither(asking);
    }
  }

  async #openByEither(asking: Asking): Promise<Arrival> {
    const answer = await this.#askFederation(asking);
    if (answer.status === 200) return this.#openAnswer(answer, asking);
    const refusal = await readAll(answer);
    if (!isUnrecognized(refusal)) throw toMediaError(refusal);
    this.#legacy.set(asking.request.origin, this.#now() + LEGACY_LIFETIME_MS);
    return this.#openLegacy(asking);
  }

  async #locate({ origin }: MediaRequest, signal: AbortSignal): Promise<readonly Route[]> {
    try {
      return await this.#options.discovery.resolve(origin, signal);
    } catch (error) {
      throw error instanceof MediaError && error.reason === 'FETCH_FAILED' ? new ServerDown(error.cause) : error;
    }
  }

  /** This endpoint must not redirect at the top level. */
  #askFederation(asking: Asking): Promise<SafeResponse> {
    const uri = federationUri(asking.request);
    const { requester, origin: destination } = asking.request;
    return this.#ask(asking, uri, { authorization: this.#options.sign({ requester, destination, method: 'GET', uri }) }, 0);
  }

  async #openLegacy(asking: Asking): Promise<Arrival> {
    const answer = await this.#ask(asking, legacyUri('v3', asking.request), {}, MAX_REDIRECTS);
    if (answer.status === 200) return fromWholeAnswer(answer);
    const refusal = await readAll(answer);
    if (!isUnrecognized(refusal)) throw toMediaError(refusal);
    const older = await this.#ask(asking, legacyUri('r0', asking.request), {}, MAX_REDIRECTS);
    if (older.status === 200) return fromWholeAnswer(older);
    throw toMediaError(await readAll(older));
  }

  /** Some answer with the bytes alone, which was never allowed. */
  async #openAnswer(answer: SafeResponse, asking: Asking): Promise<Arrival> {
    const contentType = answer.header('content-type') ?? '';
    if (parseParameters(contentType).essence !== 'multipart/mixed') return fromWholeAnswer(answer);
    try {
      const boundary = boundaryOf(contentType);
      const part = await openMultipart(answer.body, boundary);
      const location = part.headers.get('location');
      if (location === undefined) return fromPart(part, answer, this.#tailOf(asking.request.origin, boundary));
      for await (const _chunk of part.body) throw fetchFailed('A part has a location and a body');
      return await this.#follow(location, answer, asking);
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  }

  #tailOf(origin: string, boundary: string): Tail {
    const besideBytes = this.#tails.get(origin);
    return {
      bytes: besideBytes === undefined ? undefined : besideBytes + boundary.length,
      learn: (bytes) => this.#tails.set(origin, bytes === undefined ? undefined : bytes - boundary.length),
    };
  }

  /** Fetches from where a server says that its media is. Whoever serves there does not hear who asks, and if it fails the server is not down. */
  async #follow(location: string, answer: SafeResponse, { routes, patience }: Asking): Promise<Arrival> {
    const url = URL.parse(location, answer.url);
    if (url?.protocol !== 'https:') throw fetchFailed('The location of the media is no https URL');
    const options = { ...this.#limits(), headers: {}, maxRedirects: MAX_REDIRECTS };
    patience.again();
    const isAtHome = url.origin === new URL(answer.url).origin;
    const followed = await (isAtHome
      ? askServer(this.#options.fetch, routes, { ...options, uri: url.pathname + url.search }, patience.signal)
      : this.#options.fetch.get(url.href, options, patience.signal)
    ).catch((error: unknown) => this.#explain(error));
    if (followed.status === 200) return fromWholeAnswer(followed);
    followed.body.destroy();
    throw fetchFailed(`The location of the media answered ${followed.status}`);
  }

  async #ask({ routes, patience }: Asking, uri: string, headers: Readonly<Record<string, string>>, maxRedirects: number): Promise<SafeResponse> {
    const ask = (): Promise<SafeResponse> => {
      patience.again();
      return askServer(this.#options.fetch, routes, { ...this.#limits(), uri, headers, maxRedirects }, patience.signal);
    };
    try {
      // A kept connection may be closed at the moment it is used; a new one is not.
      return await ask().catch((error: unknown) => (fetchFailureOf(error)?.code === 'RESPONSE_BROKEN' ? ask() : Promise.reject(error)));
    } catch (error) {
      const failure = fetchFailureOf(error);
      if (failure !== undefined && UNREACHED.has(failure.code)) throw new ServerDown(new Error(`${failure.code} ${failure.message}`, { cause: failure }));
      return this.#explain(error);
    }
  }

  #limits() {
    const { spool_bytes: maxBytes, max_duration: deadlineMs } = this.#options.config;
    return { maxBytes: maxBytes + ENVELOPE_BYTES, deadlineMs };
  }

  /** Says what SafeFetch found in the words of this service. */
  #explain(error: unknown): never {
    throw explainFailure(error, this.#options.config.spool_bytes);
  }
}

/** What callers hear of an error while media arrives. */
export function explainFailure(error: unknown, maxBytes: number): unknown {
  if (!(error instanceof MediaError)) return error;
  if (error.reason === 'TOO_LARGE') return remoteTooLarge(maxBytes);
  const failure = fetchFailureOf(error);
  return failure === undefined ? error : fetchFailed(`${failure.code} ${failure.message}`, { cause: failure });
}

async function readAll(answer: SafeResponse): Promise<Refusal> {
  if (answer.status < 300) {
    answer.body.destroy();
    throw fetchFailed(`The server answered ${answer.status}`);
  }
  try {
    return await readRefusal(answer);
  } catch (error) {
    throw explainFailure(error, 0);
  }
}
