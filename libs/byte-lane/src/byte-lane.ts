import { openSpan } from '@medley/telemetry/spans';
import type { ByteStream } from '@medley/streams/byte-stream';
import { Agent, type buildConnector, request } from 'undici';
import { peerConnector, type PeerTls } from './peer-tls.ts';

/** Where to send one HTTP request: a signed URL, and the unix socket to reach it by, if not its host. */
export interface HttpTarget {
  readonly url: string;
  readonly socketPath?: string | undefined;
  /** Whether one of our own services answers there over TLS; https to anybody else is checked by public authorities. */
  readonly peerTls?: boolean | undefined;
}

export interface LaneRequest {
  readonly method: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ByteStream | Uint8Array;
  /**
   * Whether to make a connection for this request alone: a kept one may be closed at the moment it is used, which is known
   * only after much of a body has gone out.
   */
  readonly isAlone?: boolean;
}

export interface LaneResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** Must be read to its end, or destroyed. */
  readonly body: ByteStream & { destroy(): void };
}

const HEADERS_TIMEOUT_MS = 60_000;
const BODY_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
const KEEP_ALIVE_MS = 10_000;

/**
 * Moves bulk bytes over HTTP/1.1 between our own services and the object store, on kept connections. Never used
 * towards strangers: it checks no addresses.
 */
export class ByteLane implements AsyncDisposable {
  readonly #agents = new Map<string, Agent>();
  readonly #connections: number;
  readonly #peer: PeerTls | undefined;

  /**
   * `connections` bounds the connections to each peer; requests beyond wait for one. `peer`, where our services speak
   * TLS, is disposed of with the lane.
   */
  constructor(connections: number, peer?: PeerTls) {
    this.#connections = connections;
    this.#peer = peer;
  }

  /**
   * Sends a request and returns when the response's headers are there. Rejects with the signal's reason when it
   * aborts; a failing `body` fails the request, and the peer sees a cut connection, never a whole body.
   */
  async send(target: HttpTarget, options: LaneRequest, signal: AbortSignal): Promise<LaneResponse> {
    const span = openSpan({ name: `${options.method} blob`, kind: 'client', facts: { 'http.request.method': options.method } });
    const traced = span === undefined || isPresigned(target) ? options : { ...options, headers: { ...options.headers, traceparent: span.traceparent } };
    try {
      const response = await this.#send(target, traced, signal);
      span?.note({ 'http.response.status_code': response.status });
      return response;
    } catch (error) {
      span?.fail(error);
      throw error;
    } finally {
      span?.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#peer?.[Symbol.dispose]();
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  async #send(target: HttpTarget, options: LaneRequest, signal: AbortSignal): Promise<LaneResponse> {
    const { statusCode, headers, body } = await request(target.url, {
      method: options.method,
      headers: options.headers ?? {},
      body: (options.body ?? null) as Uint8Array | null, // undici takes async iterables as well; its types don't say so
      dispatcher: this.#agentFor(target, options),
      signal,
    });
    // Whoever reads the body hears of its failure by reading; one that is destroyed unread would end the process.
    body.on('error', () => {});
    return {
      status: statusCode,
      header: (name) => [headers[name]].flat().at(0),
      body,
    };
  }

  #agentFor({ socketPath, peerTls = false }: HttpTarget, { isAlone = false }: LaneRequest): Agent {
    const name = `${isAlone} ${peerTls} ${socketPath ?? ''}`;
    const agent = this.#agents.get(name) ?? this.#createAgent(peerTls ? this.#toPeer() : toAnybody(socketPath), isAlone);
    this.#agents.set(name, agent);
    return agent;
  }

  #createAgent(connect: NonNullable<Agent.Options['connect']>, isAlone: boolean): Agent {
    return new Agent({
      connections: this.#connections,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // undici's word for a connection that is not kept
      ...(isAlone && { pipelining: 0 }),
      connect,
    });
  }

  #toPeer(): buildConnector.connector {
    if (this.#peer === undefined) throw new Error('storage speaks TLS and grpc.tls is not configured here');
    return peerConnector(this.#peer, CONNECT_TIMEOUT_MS);
  }
}

function toAnybody(socketPath: string | undefined): buildConnector.BuildOptions {
  return { timeout: CONNECT_TIMEOUT_MS, ...(socketPath === undefined ? {} : { socketPath }) };
}

/** A URL of the object store, which may be somebody else's: nobody there is told of our traces. */
function isPresigned({ url }: HttpTarget): boolean {
  return url.includes('X-Amz-Signature=');
}
