import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { leastBytesIn } from '@medley/streams/pace';

/** How often within the time that a reader has it is looked how far it has come. */
const LOOKS = 8;

/**
 * Cuts a response whose reader, while something is there for it, takes less than 1 KiB for each second of `stallMs` in such a
 * time. A byte now and then keeps nothing open. Until it is disposed of.
 */
export class ReaderPace implements Disposable {
  readonly #response: ServerResponse;
  readonly #stallMs: number;
  readonly #timer: NodeJS.Timeout;
  #takenBytes = 0;
  #since = performance.now();

  constructor(response: ServerResponse, stallMs: number) {
    this.#response = response;
    this.#stallMs = stallMs;
    this.#timer = setInterval(() => this.#look(), stallMs / LOOKS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { socket } = this.#response;
    // it is not the turn of the reader while others are answered before, or while it is the source that has to go on
    const isOwed = socket !== null && this.#response.writableLength > 0;
    const takenBytes = socket === null ? 0 : countTaken(socket);
    if (!isOwed || takenBytes - this.#takenBytes >= leastBytesIn(this.#stallMs)) {
      this.#takenBytes = takenBytes;
      this.#since = performance.now();
    } else if (performance.now() - this.#since >= this.#stallMs) {
      this.#response.destroy(new Error(`the reader took too little for ${this.#stallMs} ms`));
    }
  }
}

/** What was written to a socket and has left this process: one large write may be under way for long, and yet go on. */
function countTaken(socket: Socket): number {
  // Node has no public name for it; its own socket timeout looks there, too
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}
