import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const LIMIT_MS = 10_000;

/** Ends a service that this process has started, by closing its channel, and waits until it has ended; kills it if it takes too long. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(limit);
}
