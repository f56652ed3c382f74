import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { ELSEWHERE_TLS, REMOTE_TLS } from './fake-remote-certificates.ts';
import { KEYS_PATH, RemoteKeys } from './fake-remote-keys.ts';
import { toMultipart } from './fake-remote-multipart.ts';

export interface RemoteMedia {
  readonly bytes: Uint8Array;
  /** Default: none is said. */
  readonly contentType?: string;
  readonly uploadName?: string;
}

/** Answers a request in its own way, with or without the help of HTTP (`response.socket`). */
export type RemoteScript = (request: IncomingMessage, response: ServerResponse) => void;

/** One request as it came. */
export interface RemoteRequest {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FakeRemoteOptions {
  /** An address of this machine. Default: 127.0.0.1. */
  readonly host?: string;
  /** Whether its certificate is for where it listens. Default: true. */
  readonly hasRightCertificate?: boolean;
}

const MEDIA_PATH = /^\/_matrix\/federation\/v1\/media\/(download|thumbnail)\/([^/?]+)/;

/**
 * Another Matrix server on a real TLS socket, whose server name is its address and port. It serves its keys, and what `media`
 * and `thumbnails` hold as Synapse does, and does not know any other endpoint unless `scripts` say how to answer its path.
 */
export class FakeRemote implements AsyncDisposable {
  /** What came, in order. */
  readonly requests: RemoteRequest[] = [];
  /** By media id; scripts answer for themselves. */
  readonly media = new Map<string, RemoteMedia | RemoteScript>();
  readonly thumbnails = new Map<string, RemoteMedia | RemoteScript>();
  /** By path, without the query; they go before all else. */
  readonly scripts = new Map<string, RemoteScript>();
  /** What it signs its own requests with. */
  readonly keys: RemoteKeys;
  /** Connections that were made so far, also those that came to nothing. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #host: string;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
    this.keys = new RemoteKeys(this.serverName);
    this.scripts.set(KEYS_PATH, this.keys.publish);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response));
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {}));
    });
    server.on('tlsClientError', () => {});
  }

  static async start({ host = '127.0.0.1', hasRightCertificate = true }: FakeRemoteOptions = {}): Promise<FakeRemote> {
    const server = createServer(hasRightCertificate ? REMOTE_TLS : ELSEWHERE_TLS);
    server.listen(0, host);
    await once(server, 'listening');
    return new FakeRemote(server, host);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get serverName(): string {
    return `${this.#host}:${this.port}`;
  }

  /** The requests whose path begins like this. */
  requestsOf(path: string): readonly RemoteRequest[] {
    return this.requests.filter(({ uri }) => uri.startsWith(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const uri = request.url ?? '';
    this.requests.push({ method: request.method ?? '', uri, headers: request.headers });
    const [path = ''] = uri.split('?');
    const [, kind, mediaId = ''] = MEDIA_PATH.exec(path) ?? [];
    const known = kind === 'thumbnail' ? this.thumbnails : this.media;
    const answer = this.scripts.get(path) ?? (kind === undefined ? unrecognized : known.get(mediaId) ?? notFound);
    if (typeof answer === 'function') answer(request, response);
    else sendMedia(response, answer);
  }
}

/** Sends media as the federation API does. */
export function sendMedia(response: ServerResponse, media: RemoteMedia): void {
  const { contentType, body } = toMultipart(media);
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.byteLength }).end(body);
}

/** Answers as Matrix servers refuse. */
export function refuse(status: number, errcode: string, more: Readonly<Record<string, unknown>> = {}): RemoteScript {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errcode, error: `The remote says ${errcode}`, ...more }));
  };
}

/** Says just these bytes, whatever HTTP would want, and closes the connection after them if told to. */
export function sayRaw(bytes: string | Uint8Array, then: 'close' | 'wait' = 'close'): RemoteScript {
  return (_request, { socket }) => {
    if (then === 'close') socket?.end(bytes);
    else socket?.write(bytes);
  };
}

const notFound = refuse(404, 'M_NOT_FOUND');
const unrecognized = refuse(404, 'M_UNRECOGNIZED');
