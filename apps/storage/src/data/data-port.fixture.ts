import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { ByteLane, type LaneRequest, type LaneResponse } from '@medley/byte-lane/byte-lane';
import { originalAt, type BlobAddress } from '@medley/domain/blob-key';
import { parseDigest, type Digest } from '@medley/domain/digest';
import { COMMON_STORE } from '@medley/domain/store-name';
import { TRUSTED } from '@medley/grpc/certificates.fixture';
import { openPeerIdentity } from '@medley/grpc/peer-identity';
import type { HttpLocation } from '@medley/proto/storage';
import { collectBytes, type ByteStream } from '@medley/streams/byte-stream';
import { quietTelemetry } from '@medley/testing/telemetry';
import { makeTempDir } from '@medley/testing/temp-dir';
import { openFilesystemBlobStore } from '../adapters/filesystem/filesystem-blob-store.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { quietTools } from '../quiet-tools.fixture.ts';
import { Stores } from '../stores.ts';
import { openDataPort, type DataPortOptions } from './data-port.ts';
import type { DataLinks } from './links.ts';

export const NEVER = new AbortController().signal;
export const UNLIMITED = { maxBytes: 2 ** 30 };

/** A running data port, and what a test does with it. */
export interface TestPort extends AsyncDisposable {
  readonly store: BlobStore;
  readonly links: DataLinks;
  readonly address: string;
  announceStop(): void;
  stop(graceMs: number): Promise<void>;
  send(target: HttpLocation, request: LaneRequest): Promise<LaneResponse & { readonly bytes: Buffer }>;
  put(bytes: Uint8Array): Promise<BlobAddress>;
  /** The paths of everything in the folder: blobs and whatever uploads left. */
  files(): Promise<readonly string[]>;
}

/** `store` stands for the common one. */
type PortOptions = Partial<DataPortOptions> & { readonly store?: BlobStore };

/** A data port on a free port of 127.0.0.1, with a folder behind it and a byte lane before it. */
export async function openTestPort({ store: given, ...options }: PortOptions = {}): Promise<TestPort> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeTempDir());
  const store = given ?? (await openFilesystemBlobStore(folder.path, ...quietTools()));
  const port = await openDataPort({
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    uploadStallMs: 10_000,
    downloadStallMs: 10_000,
    ...quietTelemetry(),
    stores: new Stores('filesystem', new Map([[COMMON_STORE, store]])),
    ...options,
  });
  const lane = opened.use(new ByteLane(8, openPeerIdentity('127.0.0.1:1', options.tls)));
  let isStopped = false;
  const stop = async (graceMs: number): Promise<void> => {
    if (!isStopped) await port.stop(graceMs);
    isStopped = true;
  };
  opened.defer(() => stop(0));
  const resources = opened.move();
  return {
    store,
    stop,
    announceStop: () => port.announceStop(),
    links: port.links,
    address: port.address,
    send: async (target: HttpLocation, request: LaneRequest) => {
      const response = await lane.send(target, request, NEVER);
      return { ...response, bytes: await collectBytes(response.body, 2 ** 30) };
    },
    put: async (bytes: Uint8Array) => originalAt({ ...(await store.put(chunksOf(bytes), UNLIMITED, NEVER)), store: COMMON_STORE }),
    files: () => filesIn(folder.path),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A bare connection to an HTTP server, for requests that no client would send. */
export async function openRawRequest({ url, peerTls }: HttpLocation, method: string, headers: readonly string[]): Promise<RawRequest> {
  const { hostname, port, pathname, search } = new URL(url);
  const where = { port: Number(port), host: hostname };
  const socket = peerTls ? connectTls({ ...where, ...TRUSTED }) : connect(where);
  await once(socket, peerTls ? 'secureConnect' : 'connect');
  socket.write([`${method} ${pathname}${search} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n'));
  return new RawRequest(socket);
}

/** What was sent by hand, and what came back. */
export class RawRequest {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  #received = '';

  constructor(socket: Socket) {
    this.socket = socket;
    // A connection may end by a reset; what came before it counts.
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => void socket.once('close', () => resolve()));
  }

  /** Begins to read. */
  read(): this {
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text;
    });
    return this;
  }

  get received(): string {
    return this.#received;
  }

  /** Everything that came, once the other side has closed. */
  async closed(): Promise<string> {
    await this.#closed;
    return this.#received;
  }
}

export async function* chunksOf(bytes: Uint8Array, chunkBytes = 50_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export function digestOf(bytes: Uint8Array): Digest {
  return parseDigest(createHash('sha256').update(bytes).digest('hex'));
}

/** A stream that ends only when it is told to, and counts what was taken of it. */
export class EndlessSource {
  takenBytes = 0;
  isClosed = false;

  async *open(): ByteStream {
    try {
      for (const chunk = randomBytes(64 * 1024); ; this.takenBytes += chunk.byteLength) yield chunk;
    } finally {
      this.isClosed = true;
    }
  }
}
