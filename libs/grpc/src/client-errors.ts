import { isMediaErrorReason, MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { ClientError, Metadata, Status, type CallOptions, type ClientMiddleware } from 'nice-grpc-common';
import { REASON_TRAILER, RETRY_AFTER_TRAILER } from './trailer-names.ts';

/** Statuses that grpc itself makes when a peer is missing, slow or overloaded; all else without a reason is a bug. */
const STATUS_TO_REASON: ReadonlyMap<Status, MediaErrorReason> = new Map([
  [Status.UNAVAILABLE, 'SERVICE_UNAVAILABLE'],
  // a caller that gives up itself gets an AbortError: this is a peer that ended
  [Status.CANCELLED, 'SERVICE_UNAVAILABLE'],
  [Status.DEADLINE_EXCEEDED, 'TIMED_OUT'],
  [Status.RESOURCE_EXHAUSTED, 'BUSY'],
]);

/** Turns a failed call back into the MediaError that the handler threw. */
export const clientErrors: ClientMiddleware = async function* restoreErrors(call, options) {
  let trailer = Metadata();
  const onTrailer = (received: Metadata): void => {
    trailer = received;
    options.onTrailer?.(received);
  };
  try {
    return yield* call.next(call.request, { ...options, onTrailer } satisfies CallOptions);
  } catch (error) {
    if (error instanceof ClientError) throw toMediaError(error, trailer);
    throw error;
  }
};

function toMediaError(error: ClientError, trailer: Metadata): MediaError {
  const reason = trailer.get(REASON_TRAILER) ?? '';
  const retryAfterMs = Number(trailer.get(RETRY_AFTER_TRAILER) ?? Number.NaN);
  const options = { cause: error, retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : undefined };
  if (isMediaErrorReason(reason)) return new MediaError(reason, error.details, options);
  const known = STATUS_TO_REASON.get(error.code) ?? 'INTERNAL';
  return new MediaError(known, known === 'INTERNAL' ? 'Internal error' : `${serviceOf(error.path)} is not available`, options);
}

/** `/medley.storage.v1.StorageService/GetBlob` → `storage` */
function serviceOf(path: string): string {
  return path.split('.').at(1) ?? 'A service';
}
