import type { MediaErrorReason } from '@medley/domain/media-error';

export interface MatrixErrorKind {
  /** The HTTP status. */
  readonly status: number;
  readonly errcode: string;
}

/** The one table from reasons to HTTP and Matrix. It is total: a new reason does not compile until it stands here. */
export const REASON_TO_MATRIX: Readonly<Record<MediaErrorReason, MatrixErrorKind>> = {
  BAD_JSON: { status: 400, errcode: 'M_BAD_JSON' },
  BAD_REQUEST: { status: 400, errcode: 'M_UNKNOWN' },
  BLOB_CORRUPT: { status: 500, errcode: 'M_UNKNOWN' },
  BUSY: { status: 503, errcode: 'M_UNKNOWN' },
  CANNOT_OVERWRITE: { status: 409, errcode: 'M_CANNOT_OVERWRITE_MEDIA' },
  CANNOT_THUMBNAIL: { status: 400, errcode: 'M_UNKNOWN' },
  CONTENT_REJECTED: { status: 403, errcode: 'M_FORBIDDEN' },
  FETCH_FAILED: { status: 502, errcode: 'M_UNKNOWN' },
  FORBIDDEN: { status: 403, errcode: 'M_FORBIDDEN' },
  GUEST_FORBIDDEN: { status: 403, errcode: 'M_GUEST_ACCESS_FORBIDDEN' },
  HOMESERVER_UNAVAILABLE: { status: 503, errcode: 'M_UNKNOWN' },
  INTERNAL: { status: 500, errcode: 'M_UNKNOWN' },
  INVALID_PARAM: { status: 400, errcode: 'M_INVALID_PARAM' },
  METHOD_NOT_ALLOWED: { status: 405, errcode: 'M_UNRECOGNIZED' },
  MISSING_PARAM: { status: 400, errcode: 'M_MISSING_PARAM' },
  MISSING_TOKEN: { status: 401, errcode: 'M_MISSING_TOKEN' },
  NOT_CREATOR: { status: 403, errcode: 'M_FORBIDDEN' },
  NOT_FOUND: { status: 404, errcode: 'M_NOT_FOUND' },
  NOT_JSON: { status: 400, errcode: 'M_NOT_JSON' },
  NOT_YET_UPLOADED: { status: 504, errcode: 'M_NOT_YET_UPLOADED' },
  PENDING_LIMIT: { status: 429, errcode: 'M_LIMIT_EXCEEDED' },
  RANGE_NOT_SATISFIABLE: { status: 416, errcode: 'M_UNKNOWN' },
  RATE_LIMITED: { status: 429, errcode: 'M_LIMIT_EXCEEDED' },
  REMOTE_TOO_LARGE: { status: 502, errcode: 'M_TOO_LARGE' },
  REQUEST_TIMEOUT: { status: 408, errcode: 'M_UNKNOWN' },
  SERVICE_UNAVAILABLE: { status: 503, errcode: 'M_UNKNOWN' },
  STORAGE_FULL: { status: 507, errcode: 'M_UNKNOWN' },
  TIMED_OUT: { status: 504, errcode: 'M_UNKNOWN' },
  TOO_LARGE: { status: 413, errcode: 'M_TOO_LARGE' },
  UNAUTHORIZED: { status: 401, errcode: 'M_UNAUTHORIZED' },
  UNKNOWN_TOKEN: { status: 401, errcode: 'M_UNKNOWN_TOKEN' },
  UNRECOGNIZED: { status: 404, errcode: 'M_UNRECOGNIZED' },
  UPLOAD_INCOMPLETE: { status: 400, errcode: 'M_UNKNOWN' },
  USER_LIMIT_EXCEEDED: { status: 403, errcode: 'M_USER_LIMIT_EXCEEDED' },
  USER_LOCKED: { status: 401, errcode: 'M_USER_LOCKED' },
  USER_SUSPENDED: { status: 403, errcode: 'M_USER_SUSPENDED' },
};
