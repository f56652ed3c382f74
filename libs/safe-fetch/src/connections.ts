import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { buildConnector, Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { CheckedAddress } from './address-judge.ts';
import { FetchFailure } from './fetch-failure.ts';

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly ca: string | readonly string[] | undefined;
  readonly proxy: string | undefined;
}

/** One end of a connection. */
export interface Peer {
  /** Scheme, host and port that a proxy is asked for. */
  readonly origin: string;
  /** Where to connect to without a proxy. */
  readonly address: CheckedAddress | undefined;
  readonly port: number;
  /** The name or address of the URL, without brackets: in TLS the peer must be it. */
  readonly name: string;
}

interface TlsOptions {
  readonly timeout: number;
  readonly allowH2: boolean;
  servername?: string;
  checkServerIdentity?: typeof checkServerIdentity;
  ca?: string[];
}

const MAX_POOLS = 64;
const CONNECTIONS_PER_POOL = 8;
const KEEP_ALIVE_MS = 4000;
const MAX_HEADER_BYTES = 16 * 1024;
const POOL_OPTIONS = { connections: CONNECTIONS_PER_POOL, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEADER_BYTES, allowH2: false };

/**
 * Kept connections, by who is at their other end. A connection is opened to the address that was checked and to nothing
 * else, or by the proxy: no name is resolved here, and what proxies the environment names is not read.
 */
export class Connections implements AsyncDisposable {
  readonly #pools = new Map<string, Dispatcher>();
  readonly #limits: ConnectionLimits;

  /** Throws a RangeError if the proxy is not one that speaks HTTP. */
  constructor(limits: ConnectionLimits) {
    if (limits.proxy !== undefined && !/^https?:\/\//.test(limits.proxy)) throw new RangeError('The proxy is not an http or https URL');
    this.#limits = limits;
  }

  /** Whether names are resolved by a proxy, and their addresses are not ours to know. */
  get isProxied(): boolean {
    return this.#limits.proxy !== undefined;
  }

  /** Connections to a peer, to be used at once: the least used are closed. */
  to(peer: Peer): Dispatcher {
    const key = `${peer.origin} ${peer.address} ${peer.name}`;
    const pool = this.#pools.get(key) ?? open(peer, this.#limits);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    const [oldest] = this.#pools;
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) {
      this.#pools.delete(oldest[0]);
      oldest[1].close().catch(() => {}); // it closes when its last request is over, or with all others
    }
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }
}

function open(peer: Peer, limits: ConnectionLimits): Dispatcher {
  const tls = tlsOptions(peer.name, limits);
  if (limits.proxy !== undefined) {
    return new ProxyAgent({ ...POOL_OPTIONS, uri: limits.proxy, proxyTunnel: true, requestTls: tls, proxyTls: { timeout: limits.connectTimeoutMs } });
  }
  if (peer.address === undefined) throw new TypeError('Without a proxy there must be a checked address');
  return new Pool(peer.origin, { ...POOL_OPTIONS, connect: connectorTo(peer.address, peer.port, tls) });
}

/** Connects to the address, whatever is asked for. */
function connectorTo(address: CheckedAddress, port: number, tls: TlsOptions): buildConnector.connector {
  const connect = buildConnector(tls);
  return ({ protocol }, callback) => {
    connect({ protocol, hostname: address, host: address, port: String(port), ...(tls.servername === undefined ? {} : { servername: tls.servername }) }, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(toFailure(error, address, port), null);
    });
  };
}

function tlsOptions(name: string, { connectTimeoutMs, ca }: ConnectionLimits): TlsOptions {
  const options: TlsOptions = { timeout: connectTimeoutMs, allowH2: false };
  if (isIP(name) === 0) options.servername = name;
  // an address is not asked for (RFC 6066), but must stand in the certificate, wherever we are sent instead
  else options.checkServerIdentity = (_address, certificate) => checkServerIdentity(name, certificate);
  if (ca !== undefined) options.ca = [ca].flat();
  return options;
}

function toFailure(error: Error, address: CheckedAddress, port: number): FetchFailure {
  const isConnecting = ('syscall' in error && error.syscall === 'connect') || ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT');
  return new FetchFailure(isConnecting ? 'CONNECT_FAILED' : 'TLS_FAILED', `${address} port ${port}: ${error.message}`, { cause: error });
}
