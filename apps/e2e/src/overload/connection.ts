import { connect, type Socket } from 'node:net';

/** What a load generator has to know of an answer. */
export interface Outcome {
  readonly status: number;
  readonly hasRetryAfter: boolean;
  /** Whether the connection can be used again. */
  readonly isKept: boolean;
}

const HEAD_END = '\r\n\r\n';
const READ_BUFFER_BYTES = 256 * 1024;
/** One for all connections: what is read is looked at and forgotten. */
const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);

/** One HTTP/1.1 connection with one request at a time, which costs its process as little as it can. */
export class Connection {
  readonly #socket: Socket;
  #pending: PromiseWithResolvers<Outcome> | undefined;
  #head = '';
  #leftBytes = -1;
  #outcome: Outcome | undefined;

  constructor(port: number) {
    const onread = { buffer, callback: (size: number, bytes: Uint8Array) => this.#read(Buffer.from(bytes.buffer, bytes.byteOffset, size)) };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** Rejects when the connection ends before the answer is whole. */
  ask(head: string, body: Uint8Array | undefined): Promise<Outcome> {
    this.#pending = Promise.withResolvers();
    this.#head = '';
    this.#leftBytes = -1;
    this.#socket.write(head);
    if (body !== undefined) this.#socket.write(body);
    return this.#pending.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): boolean {
    const bodyBytes = this.#leftBytes >= 0 ? chunk.byteLength : this.#readHead(chunk);
    if (bodyBytes === undefined) return true;
    this.#leftBytes -= bodyBytes;
    if (this.#leftBytes > 0 || this.#outcome === undefined) return true;
    const { promise: _, resolve } = this.#pending ?? Promise.withResolvers<Outcome>();
    this.#pending = undefined;
    resolve(this.#outcome);
    return true;
  }

  /** How many bytes of the body came with the head; `undefined` while the head is not whole. */
  #readHead(chunk: Buffer): number | undefined {
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) return undefined;
    const head = this.#head.slice(0, end).toLowerCase();
    this.#leftBytes = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
    this.#outcome = {
      status: Number(head.slice(9, 12)),
      hasRetryAfter: head.includes('\r\nretry-after: '),
      isKept: !head.includes('\r\nconnection: close'),
    };
    return this.#head.length - end - HEAD_END.length;
  }

  #fail(error: Error): void {
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}
