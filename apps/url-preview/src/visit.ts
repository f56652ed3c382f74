import type { UrlPreviewsConfig } from '@medley/config/url-previews';
import { MediaError } from '@medley/domain/media-error';
import { fetchFailureOf } from '@medley/safe-fetch/fetch-failure';
import type { SafeFetch, SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { Trace } from './trace.ts';
import { userAgentFor } from './url-policy.ts';

/** What is asked of one URL. */
export interface PreviewRequest {
  /** As parsePreviewUrl answers it. */
  readonly url: string;
  /** The value of a header; empty for the configured one. */
  readonly acceptLanguage: string;
  readonly wantsLogo: boolean;
}

/** How one of the fetches of a visit differs from the others. */
export interface Asking {
  readonly acceptHeader: string;
  readonly accept: (contentType: string | undefined) => boolean;
  /** What comes after is not read. */
  readonly maxBytes: number;
}

/** What visits have in common. */
export interface VisitOptions {
  readonly config: UrlPreviewsConfig;
  readonly fetch: SafeFetch;
  readonly maxImagePixels: number;
}

/** All that is fetched for one preview: within one time limit, in one language, noted in one trace. */
export class Visit {
  readonly request: PreviewRequest;
  readonly config: UrlPreviewsConfig;
  readonly trace = new Trace();
  readonly signal: AbortSignal;
  /** Images with more are left out: nobody could make thumbnails of them. */
  readonly maxImagePixels: number;
  readonly #fetch: SafeFetch;
  readonly #endsAt: number;

  constructor(request: PreviewRequest, { config, fetch, maxImagePixels }: VisitOptions, signal: AbortSignal) {
    this.request = request;
    this.config = config;
    this.signal = signal;
    this.maxImagePixels = maxImagePixels;
    this.#fetch = fetch;
    this.#endsAt = performance.now() + config.timeout;
  }

  /** What is left of the time, in milliseconds; at least 1. */
  get remainingMs(): number {
    return Math.max(1, Math.ceil(this.#endsAt - performance.now()));
  }

  /** Gets a URL. Fails with FETCH_FAILED, also for an answer that is no success; rejects when the signal aborts. */
  async get(url: string, { acceptHeader, accept, maxBytes }: Asking): Promise<SafeResponse> {
    this.trace.add('fetch', url);
    const headers = {
      'accept': acceptHeader,
      'accept-language': this.request.acceptLanguage || this.config.accept_language,
      'user-agent': userAgentFor(url, this.config),
    };
    const response = await this.#fetch.get(url, {
      headers, accept, maxBytes, tooLarge: 'cut', deadlineMs: this.remainingMs, maxRedirects: this.config.max_redirects,
      onHop: (hop) => this.trace.add('hop', [hop.url, hop.address, hop.status, hop.problem].filter((part) => part !== undefined).join(' · ')),
    }, this.signal);
    if (response.status >= 200 && response.status < 300) return response;
    response.body.destroy();
    throw fetchFailed(`status ${response.status}`);
  }

  /** Says why something is left out. Whoever left does not want the rest either: rethrows then. */
  drop(what: string, error: unknown): undefined {
    this.signal.throwIfAborted();
    this.trace.add('dropped', `${what}: ${whyOf(error)}`);
    return undefined;
  }
}

/** What strangers are told of whatever we could not fetch, or use. */
export function fetchFailed(detail: string): MediaError {
  return new MediaError('FETCH_FAILED', 'The URL could not be fetched', { cause: new Error(detail) });
}

/** What really went wrong, for admins. */
export function whyOf(error: unknown): string {
  const failure = fetchFailureOf(error);
  if (failure !== undefined) return `${failure.code} ${failure.message}`;
  if (error instanceof MediaError) return `${error.reason} ${error.cause instanceof Error ? error.cause.message : error.message}`;
  return String(error);
}
