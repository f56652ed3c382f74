import { connect, type Socket } from 'node:net';

/** One HTTP/1.1 response as it came over the wire; header names in lower case, repeated headers joined with `, `. */
export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';
const TIMEOUT_MS = 15_000;

/**
 * A TCP connection over which a test says exactly the bytes it wants to say, however wrong. Destroyed, with a reset, by
 * `await using`.
 */
export class RawConnection implements Disposable {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #isEnded = false;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received.push(chunk);
      this.#wakeUp();
    });
    socket.on('close', () => this.#end());
    socket.on('end', () => this.#end());
    // A reset is one of the ways in which a server may end a connection; the tests see it as an end.
    socket.on('error', () => this.#end());
  }

  /** Connects; the connection is not closed by this side when the server closes its own. */
  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ port, host, allowHalfOpen: true }, resolve).once('error', reject);
    await promise;
    socket.off('error', reject);
    return new RawConnection(socket);
  }

  /** Sends bytes; text as Latin-1, so that any byte can be written. Resolves when they are handed over. */
  async write(bytes: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    await promise;
  }

  /** Says that nothing more comes (FIN), and goes on listening. */
  finish(): void {
    this.#socket.end();
  }

  /** Leaves at once (RST). */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  /** Takes nothing more from the network until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  get receivedBytes(): number {
    return this.#received.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  /**
   * Reads the next response. `method` is what was asked, since an answer to HEAD has no body. Throws when the
   * connection ends before the response is whole, or when it takes longer than 15 s.
   */
  async readResponse(method = 'GET'): Promise<RawResponse> {
    const head = await this.#takeThrough(HEAD_END, 'a response head');
    const { status, headers } = parseHead(head.toString('latin1'));
    if (status === 100) return { status, headers, body: Buffer.alloc(0) };
    return { status, headers, body: await this.#readBody(method, status, headers) };
  }

  /** Reads until at least `count` bytes have come since the last reading, and takes them. */
  readSome(count: number): Promise<Buffer> {
    return this.#takeBytes(count, `${count} bytes`);
  }

  /** Resolves with everything not read yet when the server has ended the connection. */
  async readToEnd(): Promise<Buffer> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    while (!this.#isEnded) await this.#wait(deadline, 'the end of the connection');
    return this.#join();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #readBody(method: string, status: number, headers: ReadonlyMap<string, string>): Promise<Buffer> {
    if (method === 'HEAD' || status === 204 || status === 304) return Buffer.alloc(0);
    if (headers.get('transfer-encoding') === 'chunked') return this.#readChunks();
    const length = headers.get('content-length');
    if (length === undefined) return this.readToEnd();
    return this.#takeBytes(Number(length), 'a response body');
  }

  async #readChunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = await this.#takeThrough('\r\n', 'the size of a chunk');
      const size = Number.parseInt(line.toString('latin1'), 16);
      const chunk = await this.#takeBytes(size + 2, 'a chunk');
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  }

  /** Takes all bytes up to and with the first `mark`. */
  async #takeThrough(mark: string, what: string): Promise<Buffer> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const at = this.#join().indexOf(mark);
      if (at !== -1) return this.#cut(at + mark.length);
      await this.#wait(deadline, what);
    }
  }

  async #takeBytes(count: number, what: string): Promise<Buffer> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    while (this.receivedBytes < count) await this.#wait(deadline, what);
    return this.#cut(count);
  }

  #cut(count: number): Buffer {
    const all = this.#join();
    this.#received = [all.subarray(count)];
    return all.subarray(0, count);
  }

  #join(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [all];
    return all;
  }

  /** Waits for more bytes or the end; throws if the connection has ended already. */
  async #wait(deadline: AbortSignal, what: string): Promise<void> {
    if (this.#isEnded) throw new Error(`the connection ended before ${what}: ${this.#join().toString('latin1', 0, 200)}`);
    const timedOut = Promise.withResolvers<never>();
    const onAbort = (): void => timedOut.reject(new Error(`waited ${TIMEOUT_MS} ms for ${what}`));
    deadline.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#wake.promise, timedOut.promise]);
    } finally {
      deadline.removeEventListener('abort', onAbort);
    }
  }

  #end(): void {
    this.#isEnded = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** Sends `bytes` over a connection of its own and reads one response. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawResponse> {
  using connection = await RawConnection.open(port);
  await connection.write(bytes);
  return await connection.readResponse();
}

function parseHead(head: string): { status: number; headers: ReadonlyMap<string, string> } {
  const [statusLine = '', ...lines] = head.split('\r\n').filter((line) => line !== '');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return { status: Number(statusLine.split(' ')[1]), headers };
}
