import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';

/** Removes the unix socket at `path` if nobody listens on it any more: a process that was killed leaves its own behind. */
export async function removeStaleSocket(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const isStale = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    // Anything else is told better by listening there.
    if (isStale) await rm(path, { force: true });
  } finally {
    socket.destroy();
  }
}
