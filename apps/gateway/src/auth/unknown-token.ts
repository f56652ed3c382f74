import { isReason } from '@medley/domain/media-error';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';

/** Whether a failure says that nobody knows the token; not that its user is locked out, nor that it can't be asked about. */
export function isUnknownToken(error: unknown): error is Error {
  if (!(error instanceof HomeserverRefusal)) return isReason(error, 'UNKNOWN_TOKEN');
  return error.status === 401 && error.body['errcode'] === 'M_UNKNOWN_TOKEN';
}
