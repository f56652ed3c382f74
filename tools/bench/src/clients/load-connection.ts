import { randomBytes, randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';

export interface LoadRequest {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sends so many bytes with each request, no two bodies the same. */
  readonly bodyBytes?: number;
}

const READ_BUFFER_BYTES = 256 * 1024;
const STAMP_LIMIT = 2 ** 48 - 1;

/**
 * One connection that asks again as soon as it was answered. It reads no more of an answer than its status and length,
 * into one buffer, so that the client costs as little as it can beside the server on the same machine.
 */
export class LoadConnection {
  readonly #head: Buffer;
  readonly #body: Buffer;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  readonly #mayStart: () => boolean;
  readonly #done = Promise.withResolvers<number>();
  #stamp = randomInt(STAMP_LIMIT);
  #count = 0;

  /** Asks before each request whether there is to be another one. */
  constructor(request: LoadRequest, mayStart: () => boolean) {
    this.#mayStart = mayStart;
    this.#body = randomBytes(request.bodyBytes ?? 0);
    this.#head = Buffer.from(toHead(request));
    const onread = { buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES), callback: (size: number, buffer: Uint8Array) => this.#read(buffer.subarray(0, size)) };
    this.#socket = connect({ host: request.host, port: request.port, noDelay: true, onread });
    this.#socket.once('error', (error) => this.#done.reject(error));
    this.#socket.once('close', () => this.#done.reject(new Error('the server closed the connection')));
  }

  /** Resolves with the number of answers; rejects at the first that is not a 200. */
  async run(): Promise<number> {
    this.#next();
    try {
      return await this.#done.promise;
    } finally {
      this.#socket.destroy();
    }
  }

  #next(): void {
    if (!this.#mayStart()) return this.#done.resolve(this.#count);
    this.#socket.write(this.#head);
    if (this.#body.byteLength === 0) return;
    this.#stamp += 1;
    this.#body.writeUIntBE(this.#stamp % STAMP_LIMIT, 0, 6);
    this.#socket.write(this.#body);
  }

  #read(chunk: Uint8Array): boolean {
    try {
      if (this.#reader.read(chunk)) {
        this.#count += 1;
        this.#next();
      }
    } catch (error) {
      this.#done.reject(error);
    }
    return true;
  }
}

function toHead({ host, port, method, path, headers, bodyBytes = 0 }: LoadRequest): string {
  const all = { host: `${host}:${port}`, ...headers, ...(method !== 'GET' && { 'content-length': String(bodyBytes) }) };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
