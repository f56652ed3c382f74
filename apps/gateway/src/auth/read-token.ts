import type { IncomingMessage } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import { headerValues } from '../http/parse/headers.ts';

/**
 * Finds the access token of a request: one `Authorization: Bearer` header, or the `access_token` parameter that
 * Matrix has until v1.19. Throws MISSING_TOKEN for none, for both, and for a header of another form.
 */
export function readToken(request: IncomingMessage, query: URLSearchParams): string {
  const headers = headerValues(request, 'authorization');
  const parameters = query.getAll('access_token');
  if (headers.length > 0 && parameters.length > 0) {
    throw new MediaError('MISSING_TOKEN', 'Mixing Authorization headers and access_token query parameters');
  }
  if (headers.length + parameters.length > 1) throw new MediaError('MISSING_TOKEN', 'Too many access tokens');
  const token = parameters[0] ?? /^Bearer ([^ ]+)$/i.exec(headers[0] ?? '')?.[1] ?? '';
  if (token === '') throw new MediaError('MISSING_TOKEN', headers.length > 0 ? 'Invalid Authorization header' : 'Missing access token');
  // what can stand in no header is nobody's token, and must not travel further
  if (!/^[\x21-\x7e]+$/.test(token)) throw new MediaError('UNKNOWN_TOKEN', 'Invalid access token passed.');
  return token;
}
