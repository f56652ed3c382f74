import { MediaError } from '@medley/domain/media-error';
import type { ServerName } from '@medley/domain/server-name';
import { parseSigningKeys } from '@medley/matrix/signing-key';
import type { GetServerKeysResponse } from '@medley/proto/federation-fetch';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import { LRUCache } from 'lru-cache';
import type { GatewayConfig } from '../config.ts';
import type { Services } from '../services.ts';

/** Public keys of 32 bytes, by key id. */
export type PublicKeys = ReadonlyMap<string, Uint8Array>;

interface KnownKeys {
  readonly keys: PublicKeys;
  readonly validUntil: number;
}

const MAX_SERVERS = 10_000;
/** federation-fetch keeps them longer, and notices sooner what has changed. */
const KEPT_MS = 600_000;
/** What federation-fetch takes at most to ask a server, or one notary about it. */
const ASKING_MS = 10_000;
const CALL_MARGIN_MS = 2000;

/** What is wanted of a server's keys. */
export interface KeyWish {
  readonly keyIds: readonly string[];
  readonly signal: AbortSignal;
  /** Begins to ask somebody, or fails because there is too much of that. */
  readonly begin: (ask: () => Promise<PublicKeys>) => Promise<PublicKeys>;
}

/** Knows the keys by which servers sign their requests: those of our own homeservers by the configuration, all others by asking. */
export class ServerKeys {
  readonly #replicas: Services['fetchReplicas'];
  readonly #timeoutMs: number;
  readonly #own: ReadonlyMap<string, PublicKeys>;
  readonly #known = new LRUCache<string, KnownKeys>({ max: MAX_SERVERS, ttl: KEPT_MS });
  readonly #asking = new SingleFlight<PublicKeys>();

  constructor(replicas: Services['fetchReplicas'], { homeservers, federation }: Pick<GatewayConfig, 'homeservers' | 'federation'>) {
    this.#replicas = replicas;
    this.#timeoutMs = ASKING_MS * (1 + federation.notaries.length) + CALL_MARGIN_MS;
    this.#own = new Map(homeservers.map(({ server_name, signing_key }) => [server_name, ownKeys(signing_key)]));
  }

  /**
   * The keys of `server` that are valid now. Asks again where none of `keyIds` is among those that are known: the server may
   * have new ones. None if it can't be asked, or must not be; fails with SERVICE_UNAVAILABLE where we can't ask, as `begin`
   * does, or with the signal's reason.
   */
  async get(server: ServerName, { keyIds, signal, begin }: KeyWish): Promise<PublicKeys> {
    const own = this.#own.get(server);
    if (own !== undefined) return own;
    const known = this.#known.get(server);
    const isEnough = known !== undefined && known.validUntil > Date.now() && keyIds.some((id) => known.keys.has(id));
    if (isEnough) return known.keys;
    const name = JSON.stringify([server, keyIds]);
    const ask = (): Promise<PublicKeys> => this.#asking.run(name, () => this.#ask(server, keyIds));
    return orAbort(this.#asking.has(name) ? ask() : begin(ask), signal);
  }

  async #ask(server: ServerName, keyIds: readonly string[]): Promise<PublicKeys> {
    const options = { timeoutMs: this.#timeoutMs };
    // whoever comes meanwhile shares the answer, so nobody's leaving ends the call
    const { signal } = new AbortController();
    try {
      const answer = await this.#replicas.use(server, (rpc) => rpc.getServerKeys({ serverName: server, keyIds: [...keyIds] }, options), signal);
      const keys = toPublicKeys(answer);
      this.#known.set(server, { keys, validUntil: answer.validUntilMs });
      return keys;
    } catch (error) {
      if (error instanceof MediaError && (error.reason === 'FETCH_FAILED' || error.reason === 'FORBIDDEN')) return new Map();
      throw error;
    }
  }
}

function toPublicKeys({ keys }: GetServerKeysResponse): PublicKeys {
  return new Map(keys.map(({ keyId, publicKey }) => [keyId, publicKey]));
}

function ownKeys(signingKey: string | undefined): PublicKeys {
  if (signingKey === undefined) return new Map();
  return new Map(parseSigningKeys(signingKey).map(({ keyId, publicKey }) => [keyId, publicKey]));
}
