import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;
const WRITING_MS = 5_000;

/** How long a lock is believed: longer than any build may take. After that its number may belong to another process. */
export const LOCK_LIMIT_MS = 20 * 60_000;

/**
 * Takes the lock file at `path`, waiting while a living process holds it; throws the signal's reason on abort.
 * A lock whose process died is taken over. In the rare case that two processes take over at once both work, which costs time
 * and no more, because what they build is renamed in atomically.
 */
export async function openInstallLock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  while (!(await take(path))) {
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(POLL_MS, undefined, { signal });
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const ageMs = Date.now() - mtimeMs;
    if (ageMs > LOCK_LIMIT_MS) return true;
    // Created, but its number not yet written.
    if (text === '') return ageMs > WRITING_MS;
    return !isAlive(Number(text));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
