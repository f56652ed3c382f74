import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MediaError } from '@medley/domain/media-error';
import { serveGrpc, type GrpcServer } from '@medley/grpc/server';
import { StorageServiceDefinition, type StorageServiceImplementation } from '@medley/proto/storage';
import { quietTelemetry } from '@medley/testing/telemetry';

/** `loses` cuts an upload after its first bytes, `is full` refuses it, `is away` says nowhere to send it to, `waits` takes it but does not say so. */
export type StorageManners = 'well' | 'loses' | 'is full' | 'is away' | 'waits';

/** A storage service on real sockets that keeps digests instead of bytes. */
export class FakeStorage implements AsyncDisposable {
  /** Whole bodies that came, by their digests. */
  readonly stored = new Map<string, number>();
  manners: StorageManners = 'well';
  /** Bodies that began to come. */
  begun = 0;
  /** Bytes that came. */
  receivedBytes = 0;
  readonly #http: Server;
  #grpc: GrpcServer | undefined;
  #answer: () => void = () => {};

  private constructor(http: Server) {
    this.#http = http;
    http.on('request', (request: IncomingMessage, response: ServerResponse) => this.#take(request, response).catch(() => response.destroy()));
  }

  static async start(): Promise<FakeStorage> {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const storage = new FakeStorage(http);
    const implementation = storage.#implementation();
    storage.#grpc = await serveGrpc({ service: StorageServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
    return storage;
  }

  get address(): string {
    return this.#grpc?.address ?? '';
  }

  /** Answers those that wait. */
  answer(): void {
    this.manners = 'well';
    this.#answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#grpc?.stop(0);
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #implementation(): StorageServiceImplementation {
    const unused = async (): Promise<never> => {
      throw new MediaError('INTERNAL', 'no test needs this');
    };
    const unusedStream = async function* (): AsyncGenerator<never> {
      yield await unused();
    };
    return {
      locateUpload: async () => {
        if (this.manners === 'is away') throw new MediaError('SERVICE_UNAVAILABLE', 'away');
        return { http: { url: `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`, socketPath: undefined, expiresAtMs: Date.now() + 60_000 } };
      },
      putBlob: unused, getBlob: unusedStream, locateBlob: unused, locatePublicBlob: unused, statBlob: unused, verifyBlob: unused, deleteBlob: unused, listBlobs: unusedStream, sweepStaging: unused, checkStore: unused,
    };
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.begun += 1;
    if (this.manners === 'is full') return void response.writeHead(507).end(JSON.stringify({ reason: 'STORAGE_FULL', message: 'no room' }));
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (this.manners === 'loses') return void request.destroy();
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      this.receivedBytes += chunk.byteLength;
    }
    if (this.manners === 'waits') await new Promise<void>((resolve) => (this.#answer = resolve));
    const digest = hash.digest('hex');
    this.stored.set(digest, sizeBytes);
    response.end(JSON.stringify({ digest, size_bytes: sizeBytes }));
  }
}
