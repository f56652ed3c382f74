import type { HomeserverConfig } from '@medley/config/schema';
import { MediaError } from '@medley/domain/media-error';
import { parseSigningKeys, type SigningKey } from '@medley/matrix/signing-key';
import { formatXMatrix, requestObject, type MatrixRequest } from '@medley/matrix/x-matrix';
import { signatureOf } from '@medley/matrix/sign-json';

/** A request to another server: `requester` is one of our names, `destination` the name before any delegation. */
export interface UnsignedRequest {
  readonly requester: string;
  readonly destination: string;
  readonly method: MatrixRequest['method'];
  /** Path and query exactly as they will be sent. */
  readonly uri: string;
}

/** The value of the Authorization header of a request without a body (server-server API, “Request Authentication”). */
export type SignRequest = (request: UnsignedRequest) => string;

/**
 * Signs in the names of these homeservers, each with the first key of its configuration. What it returns throws
 * INVALID_PARAM for a requester that is none of them, and FETCH_FAILED for one without a key.
 */
export function requestSigner(homeservers: readonly Pick<HomeserverConfig, 'server_name' | 'signing_key'>[]): SignRequest {
  const keys = new Map(homeservers.map(({ server_name, signing_key }) => [server_name, firstKey(signing_key)]));
  return ({ requester, destination, method, uri }) => {
    if (!keys.has(requester)) throw new MediaError('INVALID_PARAM', 'requester is none of the servers of this repository');
    const key = keys.get(requester);
    if (key === undefined) throw new MediaError('FETCH_FAILED', 'This server cannot ask others for their media', { cause: new Error(`${requester} has no signing_key`) });
    const signature = signatureOf(requestObject({ method, uri, origin: requester, destination }), key);
    return formatXMatrix({ origin: requester, destination, keyId: key.keyId, signature });
  };
}

function firstKey(text: string | undefined): SigningKey | undefined {
  return text === undefined ? undefined : parseSigningKeys(text)[0];
}
