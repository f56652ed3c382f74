import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { once } from 'node:events';
import type { ClamavConfig } from '@medley/config/clamav';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';

const UNIX = 'unix://';
const MAX_REPLY_BYTES = 4096;

/** One command to clamd and its reply, on a connection of their own. It ends when it is disposed of, when its signal aborts, or when clamd keeps silent for too long. */
export class Conversation implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #reply = Promise.withResolvers<string>();
  readonly #chunks: Buffer[] = [];
  #isSettled = false;
  #isConnected = false;
  #sizeBytes = 0;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    this.#reply.promise.catch(() => {}); // writing fails as well
    void this.#reply.promise.finally(() => (this.#isSettled = true)).catch(() => {});
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('close', () => this.#reply.reject(this.#lost()));
    socket.on('error', (error) => this.#reply.reject(this.#lost(error)));
  }

  /** Connects. Fails with SERVICE_UNAVAILABLE, TIMED_OUT, or the signal's reason. */
  static async open({ address, timeout }: ClamavConfig, signal: AbortSignal): Promise<Conversation> {
    signal.throwIfAborted();
    const socket = connect({ ...toOptions(address), noDelay: true });
    const conversation = new Conversation(socket, signal);
    socket.setTimeout(timeout, () => conversation.#end(new MediaError('TIMED_OUT', `clamd kept silent for ${timeout} ms`)));
    try {
      await orAbort(Promise.race([once(socket, 'connect'), conversation.#reply.promise]), signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    conversation.#isConnected = true;
    return conversation;
  }

  /** Whether it has said what it has to say, or gone. */
  get hasReply(): boolean {
    return this.#isSettled;
  }

  /** Sends some bytes, at the pace at which clamd takes them; none once it has replied. */
  async write(bytes: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#isSettled || this.#socket.write(bytes)) return;
    // a reply, or what has gone wrong, is for whoever reads it
    await orAbort(Promise.race([once(this.#socket, 'drain'), this.#reply.promise.catch(() => {})]), this.#signal);
  }

  /** Its reply, up to the zero byte. */
  readReply(): Promise<string> {
    return orAbort(this.#reply.promise, this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.byteLength;
    if (this.#sizeBytes > MAX_REPLY_BYTES) return this.#end(new MediaError('SERVICE_UNAVAILABLE', 'clamd talks too much'));
    const heard = Buffer.concat(this.#chunks);
    const end = heard.indexOf(0);
    if (end >= 0) this.#reply.resolve(heard.subarray(0, end).toString());
    return undefined;
  }

  /** It may end a connection because of a file, also where it has said before that this is too large: what it said is lost then. */
  #lost(cause?: Error): MediaError {
    if (this.#isConnected) return new MediaError('UPLOAD_INCOMPLETE', 'clamd broke off', { cause });
    return new MediaError('SERVICE_UNAVAILABLE', 'clamd can’t be reached', { cause });
  }

  #end(error: MediaError): void {
    this.#reply.reject(error);
    this.#socket.destroy();
  }
}

function toOptions(address: string): NetConnectOpts {
  if (address.startsWith(UNIX)) return { path: address.slice(UNIX.length) };
  const { hostname, port } = new URL(address);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}
