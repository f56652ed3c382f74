import { MediaError } from '@medley/domain/media-error';
import { HomeserverRefusal } from './homeserver-refusal.ts';
import { REASON_TO_MATRIX } from './reason-to-matrix.ts';

/** An error as Matrix clients read it. */
export interface MatrixError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The Matrix form of whatever a handler threw; what is not expected becomes 500 and says nothing. */
export function toMatrixError(error: unknown): MatrixError {
  if (error instanceof HomeserverRefusal) {
    return { status: error.status, headers: error.retryAfter === undefined ? {} : { 'Retry-After': error.retryAfter }, body: error.body };
  }
  if (!(error instanceof MediaError)) return toMatrixError(new MediaError('INTERNAL', 'Internal error'));
  const { status, errcode } = REASON_TO_MATRIX[error.reason];
  const body = { errcode, error: error.message, ...error.fields };
  const retryAfterMs = error.retryAfterMs ?? (status === 429 || status === 503 ? 1000 : undefined);
  if (retryAfterMs === undefined) return { status, headers: {}, body };
  return {
    status,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
    body: status === 429 ? { ...body, retry_after_ms: Math.ceil(retryAfterMs) } : body,
  };
}
