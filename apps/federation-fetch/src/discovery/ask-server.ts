import { fetchFailureOf } from '@medley/safe-fetch/fetch-failure';
import type { GetOptions, SafeFetch, SafeResponse } from '@medley/safe-fetch/safe-fetch';
import type { Route } from './route.ts';

/** What a request says besides where it goes; `deadlineMs` is for all ways together. */
export interface ServerRequest extends Omit<GetOptions, 'via' | 'hostHeader'> {
  /** Path and query, sent as they are. */
  readonly uri: string;
}

/** Failures before a word of the request was sent. */
const UNREACHED: ReadonlySet<string> = new Set(['ADDRESS_FORBIDDEN', 'NAME_NOT_RESOLVED', 'CONNECT_FAILED', 'TLS_FAILED', 'URL_REFUSED']);

/**
 * Sends a request by the first of the routes that leads to the server. Fails like `SafeFetch.get`: with FETCH_FAILED, of the
 * last route if none leads there, with TOO_LARGE, or with the signal's reason.
 */
export async function askServer(fetch: Pick<SafeFetch, 'get'>, routes: readonly Route[], request: ServerRequest, signal: AbortSignal): Promise<SafeResponse> {
  const { uri, ...options } = request;
  const endsAt = performance.now() + request.deadlineMs;
  let failure: unknown = new TypeError('There is no route to ask by');
  for (const { url, via, hostHeader } of routes) {
    const deadlineMs = Math.max(0, endsAt - performance.now());
    try {
      return await fetch.get(`${url}${uri}`, { ...options, deadlineMs, via, hostHeader }, signal);
    } catch (error) {
      failure = error;
      if (signal.aborted || !UNREACHED.has(fetchFailureOf(error)?.code ?? '')) break;
    }
  }
  throw failure;
}
