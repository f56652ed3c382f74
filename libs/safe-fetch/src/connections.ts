import { isIP } from 'node:net';
import { buildConnector, Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { CheckedAddress } from './address-judge.ts';
import { FetchFailure } from './fetch-failure.ts';

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly ca: string | readonly string[] | undefined;
  readonly proxy: string | undefined;
}

/** One checked end of a connection. */
export interface Peer {
  readonly address: CheckedAddress;
  readonly port: number;
}

const MAX_POOLS = 64;
const CONNECTIONS_PER_POOL = 8;
const KEEP_ALIVE_MS = 4000;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Kept connections, by origin and by the address that was checked for it. A connection is opened to that address and to
 * nothing else: no name is resolved here, and what proxies the environment names is not read.
 */
export class Connections implements AsyncDisposable {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: ConnectionLimits;
  readonly #proxy: ProxyAgent | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
    if (limits.proxy === undefined) return;
    this.#proxy = new ProxyAgent({ uri: limits.proxy, proxyTunnel: true, maxHeaderSize: MAX_HEADER_BYTES, requestTls: tlsOptions(limits.ca), allowH2: false });
  }

  /** Whether names are resolved by a proxy, and addresses are not ours to know. */
  get isProxied(): boolean {
    return this.#proxy !== undefined;
  }

  /** Connections to `origin` at that peer, or through the proxy. To be used at once: the least used are closed. */
  to(origin: string, peer: Peer | undefined): Dispatcher {
    if (this.#proxy !== undefined) return this.#proxy;
    if (peer === undefined) throw new TypeError('Without a proxy there must be a checked address');
    const key = `${origin} ${peer.address} ${peer.port}`;
    const pool = this.#pools.get(key) ?? this.#open(origin, peer);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#closeLeastUsed();
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values(), this.#proxy].map((pool) => pool?.destroy()));
  }

  #open(origin: string, peer: Peer): Pool {
    return new Pool(origin, {
      connections: CONNECTIONS_PER_POOL,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      allowH2: false,
      connect: connectorTo(peer, new URL(origin).hostname, this.#limits),
    });
  }

  #closeLeastUsed(): void {
    const [oldest] = this.#pools;
    if (this.#pools.size <= MAX_POOLS || oldest === undefined) return;
    this.#pools.delete(oldest[0]);
    void oldest[1].close();
  }
}

/** Connects to the peer whatever is asked for; in TLS it must be who the URL names. */
function connectorTo(peer: Peer, hostname: string, { connectTimeoutMs, ca }: ConnectionLimits): buildConnector.connector {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const named = isIP(bare) === 0 ? { servername: bare } : {};
  // Sessions are kept by name, so one could be taken up at another address.
  const connect = buildConnector({ timeout: connectTimeoutMs, maxCachedSessions: 0, allowH2: false, ...tlsOptions(ca), ...named });
  return (options, callback) => {
    connect({ protocol: options.protocol, hostname: peer.address, host: peer.address, port: String(peer.port), ...named }, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(toFailure(error, peer), null);
    });
  };
}

function tlsOptions(ca: ConnectionLimits['ca']): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [ca].flat() };
}

function toFailure(error: Error, peer: Peer): FetchFailure {
  const isConnecting = ('syscall' in error && error.syscall === 'connect') || ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT');
  return new FetchFailure(isConnecting ? 'CONNECT_FAILED' : 'TLS_FAILED', `${peer.address} port ${peer.port}: ${error.message}`, { cause: error });
}
