import { parseServerName } from '@medley/domain/server-name';
import type { CallContext } from '@medley/grpc/server';
import type { GetServerKeysRequest, GetServerKeysResponse } from '@medley/proto/federation-fetch';
import type { ServerKeys } from '../keys/server-keys.ts';

/** Answers GetServerKeys. */
export function getServerKeys({ serverKeys }: { readonly serverKeys: ServerKeys }) {
  return async ({ serverName, keyIds }: GetServerKeysRequest, { signal }: CallContext): Promise<GetServerKeysResponse> => {
    const { keys, validUntil } = await serverKeys.get(parseServerName(serverName), keyIds, signal);
    return { keys: Array.from(keys, ([keyId, publicKey]) => ({ keyId, publicKey })), validUntilMs: validUntil };
  };
}
