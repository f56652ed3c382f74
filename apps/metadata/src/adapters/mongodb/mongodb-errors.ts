import { MediaError } from '@medley/domain/media-error';
import { MongoError, MongoNetworkError, MongoNetworkTimeoutError, MongoServerError } from 'mongodb';

const RETRY_AFTER_MS = 1000;

/** Errors that the driver makes itself while it has no server to ask; two of the classes it does not export. */
const UNREACHABLE_NAMES: ReadonlySet<string> = new Set([
  'MongoServerSelectionError', 'MongoTopologyClosedError', 'MongoNotConnectedError', 'MongoServerClosedError',
  'MongoClientClosedError', 'MongoPoolClosedError', 'MongoWaitQueueTimeoutError',
]);

/** A server that is going away, is not primary, or can't reach the others. */
const UNREACHABLE_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 89, 91, 133, 134, 189, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
]);
const OVERLOADED_LABEL = 'SystemOverloadedError';

/** MaxTimeMSExpired, WriteConcernTimeout, NetworkInterfaceExceededTimeLimit, ExceededTimeLimit. */
const TIMEOUT_CODES: ReadonlySet<unknown> = new Set([50, 64, 202, 262]);

/** A connection that breaks while the driver writes to it: the system's own error, not wrapped. */
const CONNECTION_CODE = /^(ECONN(RESET|ABORTED|REFUSED)|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH)$/;

/** An insertion under an `_id` that is taken. */
export const DUPLICATE_KEY_CODE = 11_000;

/** Turns what the driver throws into what the port promises. Whatever else it is, is a bug and stays as it is. */
export function translateMongoError(error: unknown): unknown {
  const origin = unwrap(error);
  if (isBrokenConnection(origin)) return unavailable(error);
  if (!(origin instanceof MongoError)) return error;
  if (origin instanceof MongoNetworkTimeoutError || TIMEOUT_CODES.has(origin.code)) {
    return new MediaError('TIMED_OUT', 'The metadata store did not answer in time', { cause: error });
  }
  return isUnreachable(origin) ? unavailable(error) : error;
}

/** Whether an insertion failed because its `_id` is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY_CODE;
}

/** Where several writes go together the driver wraps what has happened to their connection. */
function unwrap(error: unknown): unknown {
  return error instanceof MongoServerError && error.errorResponse instanceof Error ? error.errorResponse : error;
}

function unavailable(cause: unknown): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'The metadata store is not available', { cause, retryAfterMs: RETRY_AFTER_MS });
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && CONNECTION_CODE.test(error.code);
}

function isUnreachable(error: MongoError): boolean {
  return error instanceof MongoNetworkError
    || UNREACHABLE_NAMES.has(error.name)
    || UNREACHABLE_CODES.has(error.code)
    || error.hasErrorLabel(OVERLOADED_LABEL);
}
