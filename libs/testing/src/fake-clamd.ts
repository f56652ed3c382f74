import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What all scanners agree to find, and that does no harm. In two parts, so that they don't find it here. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
/** What it says it is. */
export const VERSION = 'ClamAV 1.4.3/27500/Sat Nov 21 09:26:00 2026';

/** What is otherwise than in a real one. */
export interface FakeClamdOptions {
  /** A path, or by default a free port. */
  readonly listen?: string;
  readonly maxStreamBytes?: number;
  /** Instead of what the real one says. */
  readonly reply?: string;
  /** What it does with a connection instead of all that. */
  readonly behave?: (socket: Socket) => void;
}

/** Speaks clamd's protocol: finds EICAR, and nothing else. */
export class FakeClamd implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: FakeClamdOptions;
  readonly #sockets = new Set<Socket>();
  /** How many bytes it was sent as a whole. */
  readonly scanned: number[] = [];
  /** Awaited before it says what it has found. */
  beforeVerdict: () => Promise<void> = async () => {};

  private constructor(options: FakeClamdOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      if (options.behave === undefined) void this.#serve(socket).catch(() => socket.destroy());
      else options.behave(socket);
    });
  }

  static async start(options: FakeClamdOptions = {}): Promise<FakeClamd> {
    const clamd = new FakeClamd(options);
    if (options.listen === undefined) clamd.#server.listen(0, '127.0.0.1');
    else clamd.#server.listen(options.listen);
    await once(clamd.#server, 'listening');
    return clamd;
  }

  /** As the configuration writes it. */
  get address(): string {
    const address = this.#server.address();
    return typeof address === 'string' ? `unix://${address}` : `tcp://127.0.0.1:${(address as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(socket: Socket): Promise<void> {
    const bytes = new Bytes(socket);
    const command = await bytes.readUntilZero();
    if (command === 'zVERSION') return this.#reply(socket, VERSION);
    if (command !== 'zINSTREAM') return this.#reply(socket, 'UNKNOWN COMMAND');
    const content: Buffer[] = [];
    for (let total = 0; ;) {
      const length = (await bytes.read(4)).readUInt32BE();
      if (length === 0) {
        await this.beforeVerdict();
        return this.#reply(socket, this.#judge(Buffer.concat(content)));
      }
      total += length;
      if (total > (this.#options.maxStreamBytes ?? 100 * 2 ** 20)) return this.#reply(socket, 'INSTREAM size limit exceeded. ERROR');
      content.push(await bytes.read(length));
    }
  }

  #judge(content: Buffer): string {
    this.scanned.push(content.byteLength);
    return content.includes(EICAR) ? 'stream: Win.Test.EICAR_HDB-1 FOUND' : 'stream: OK';
  }

  #reply(socket: Socket, reply: string): void {
    socket.end(`${this.#options.reply ?? reply}\0`);
  }
}

/** Reads so many bytes at a time. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#source = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>; // nobody sets an encoding
  }

  async read(count: number): Promise<Buffer> {
    while (this.#rest.byteLength < count) await this.#more();
    return this.#take(count);
  }

  async readUntilZero(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(0);
      if (end >= 0) return this.#take(end + 1).subarray(0, end).toString();
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw new Error('the connection has ended');
    this.#rest = Buffer.concat([this.#rest, value]);
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}
