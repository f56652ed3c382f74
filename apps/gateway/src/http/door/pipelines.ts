import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { endSoon } from './end-soon.ts';

interface Line {
  /** Answers that have not ended. */
  readonly open: Set<ServerResponse>;
  /** Too much was asked: what is open is still answered, and nothing after it. */
  isOver: boolean;
}

/**
 * Lets only so many requests of one connection be under way. Nobody needs to ask more before the first is answered, and each
 * holds memory: what comes beyond is not answered, and the connection ends after the answers before it, which tells the
 * client to ask again (RFC 9112 §9.3.2).
 */
export class Pipelines {
  readonly #max: number;
  readonly #lines = new WeakMap<Socket, Line>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether a request is to be answered. Its response tells by `close` when that has ended, also where it never got its turn. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const line = this.#lines.get(request.socket) ?? this.#open(request.socket);
    if (line.open.size >= this.#max) line.isOver = true;
    if (line.isOver) return false;
    line.open.add(response);
    response.once('close', () => {
      line.open.delete(response);
      if (line.isOver && line.open.size === 0) endSoon(request.socket);
    });
    return true;
  }

  /** Answers nothing that comes after what this connection has asked so far. */
  end(socket: Socket): void {
    const line = this.#lines.get(socket);
    if (line !== undefined) line.isOver = true;
  }

  #open(socket: Socket): Line {
    const line: Line = { open: new Set(), isOver: false };
    this.#lines.set(socket, line);
    // Node tells only the response whose turn it is that the connection has gone
    socket.once('close', () => {
      for (const response of line.open) if (response.socket === null) response.destroy().emit('close');
    });
    return line;
  }
}
