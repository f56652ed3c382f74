import { MediaError } from '@medley/domain/media-error';

/** One request of a fetch, or the attempt at one. For reports to admins; never for strangers. */
export interface Hop {
  readonly url: string;
  /** The address that was connected to. Absent with an egress proxy, and where it did not come to that. */
  readonly address?: string | undefined;
  readonly status?: number | undefined;
  /** Why the fetch ended here without an answer. */
  readonly problem?: string | undefined;
}

export const FETCH_FAILURE_CODES = [
  'URL_REFUSED', 'ADDRESS_FORBIDDEN', 'NAME_NOT_RESOLVED', 'CONNECT_FAILED', 'TLS_FAILED', 'REDIRECT_REFUSED', 'TYPE_REFUSED',
  'ENCODING_REFUSED', 'RESPONSE_BROKEN', 'TIMED_OUT',
] as const;
export type FetchFailureCode = (typeof FETCH_FAILURE_CODES)[number];

/** What really went wrong, where one of our rules or the other side ended a fetch. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  readonly code: FetchFailureCode;
  /** The way to the failure, its last hop with its `problem`. Empty until the fetch as a whole has failed. */
  readonly hops: readonly Hop[];

  constructor(code: FetchFailureCode, detail: string, options?: ErrorOptions & { readonly hops?: readonly Hop[] }) {
    super(detail, options);
    this.code = code;
    this.hops = options?.hops ?? [];
  }
}

/** The detail behind a failed fetch, if `error` is one. */
export function fetchFailureOf(error: unknown): FetchFailure | undefined {
  return error instanceof MediaError && error.cause instanceof FetchFailure ? error.cause : undefined;
}

/** What to tell operators of a failure. Never for strangers. */
export function whyFailed(error: unknown): string {
  if (error instanceof MediaError && error.cause instanceof Error) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}

/** The one face that all failures show to strangers: it must not tell a forbidden address from a closed port. */
export function fetchFailed(failure: FetchFailure): MediaError {
  return new MediaError('FETCH_FAILED', 'The URL could not be fetched', { cause: failure });
}
