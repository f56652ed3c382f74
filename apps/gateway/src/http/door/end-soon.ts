import type { Duplex } from 'node:stream';

/** How long a client may take to read what was said last. */
const LINGER_MS = 1000;

/**
 * Ends a connection so that what was said last is read before it goes: to close it with bytes unread would reset it. Whoever
 * then does not end it as well is cut.
 */
export function endSoon(socket: Duplex, last?: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.end(last).once('close', () => clearTimeout(timer));
}
