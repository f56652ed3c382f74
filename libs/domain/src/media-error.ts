/**
 * Every failure that a caller can act on. The list is closed: `libs/grpc` maps each reason to a gRPC status and
 * the gateway maps each to a Matrix error, both in tables that do not compile until they know it.
 */
export const MEDIA_ERROR_REASONS = [
  'BAD_JSON',
  'BAD_REQUEST',
  'BLOB_CORRUPT',
  'BUSY',
  'CANNOT_OVERWRITE',
  'CANNOT_THUMBNAIL',
  'CONTENT_REJECTED',
  'FETCH_FAILED',
  'FORBIDDEN',
  'GUEST_FORBIDDEN',
  'HOMESERVER_UNAVAILABLE',
  'INTERNAL',
  'INVALID_PARAM',
  'METHOD_NOT_ALLOWED',
  'MISSING_PARAM',
  'MISSING_TOKEN',
  'NOT_CREATOR',
  'NOT_FOUND',
  'NOT_JSON',
  'NOT_YET_UPLOADED',
  'PENDING_LIMIT',
  'RANGE_NOT_SATISFIABLE',
  'RATE_LIMITED',
  'REMOTE_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'STORAGE_FULL',
  'TIMED_OUT',
  'TOO_LARGE',
  'UNAUTHORIZED',
  'UNKNOWN_TOKEN',
  'UNRECOGNIZED',
  'UPLOAD_INCOMPLETE',
  'USER_LIMIT_EXCEEDED',
  'USER_LOCKED',
  'USER_SUSPENDED',
] as const;

export type MediaErrorReason = (typeof MEDIA_ERROR_REASONS)[number];

export interface MediaErrorOptions extends ErrorOptions {
  /** When trying again may help, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  /** What its Matrix form carries besides errcode and error; safe for strangers. It does not travel between services. */
  readonly fields?: Readonly<Record<string, string | boolean>> | undefined;
}

/** An expected failure. Its message is safe to show to a stranger; details go to `cause` and the log. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly reason: MediaErrorReason;
  readonly retryAfterMs: number | undefined;
  readonly fields: Readonly<Record<string, string | boolean>>;

  constructor(reason: MediaErrorReason, message: string, options?: MediaErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryAfterMs = options?.retryAfterMs;
    this.fields = options?.fields ?? {};
  }
}

export function isMediaErrorReason(text: string): text is MediaErrorReason {
  return (MEDIA_ERROR_REASONS as readonly string[]).includes(text);
}

/** Whether something thrown is the expected failure of that reason. */
export function isReason(error: unknown, reason: MediaErrorReason): error is MediaError {
  return error instanceof MediaError && error.reason === reason;
}
