import { randomBytes } from 'node:crypto';
import { signatureOf, signJson } from '@medley/matrix/sign-json';
import { parseSigningKeys, type SigningKey } from '@medley/matrix/signing-key';
import { formatXMatrix, requestObject } from '@medley/matrix/x-matrix';
import type { RemoteScript } from './fake-remote.ts';

/** A request that a fake remote makes. */
export interface SignedRequest {
  /** Default: GET. */
  readonly method?: string;
  /** Path and query as they are sent. */
  readonly uri: string;
  /** Whom it asks: a server name. */
  readonly destination: string;
}

export const KEYS_PATH = '/_matrix/key/v2/server';
const LIFETIME_MS = 86_400_000;

/** A signing key of nobody else, in the form of Synapse's key files. */
export function makeSigningKey(version = 'test'): string {
  return `ed25519 ${version} ${randomBytes(32).toString('base64').replace(/=+$/, '')}`;
}

/** The key that a server signs with. */
export class RemoteKeys {
  /** In the form of Synapse's key files. */
  readonly signingKey: string;
  readonly #serverName: string;
  readonly #key: SigningKey;

  constructor(serverName: string, signingKey = makeSigningKey()) {
    this.#serverName = serverName;
    this.signingKey = signingKey;
    [this.#key] = parseSigningKeys(signingKey);
  }

  /** The Authorization header of a request that this server makes. */
  authorize({ method = 'GET', uri, destination }: SignedRequest): string {
    const origin = this.#serverName;
    const signature = signatureOf(requestObject({ method, uri, origin, destination }), this.#key);
    return formatXMatrix({ origin, destination, keyId: this.#key.keyId, signature });
  }

  /** What this server says of its keys. */
  document(validUntil = Date.now() + LIFETIME_MS): object {
    const { keyId, publicKey } = this.#key;
    const keys = {
      server_name: this.#serverName,
      verify_keys: { [keyId]: { key: Buffer.from(publicKey).toString('base64').replace(/=+$/, '') } },
      old_verify_keys: {},
      valid_until_ts: validUntil,
    };
    return signJson(keys, this.#serverName, this.#key);
  }

  /** Publishes the keys as servers do. */
  readonly publish: RemoteScript = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.document()));
  };
}
