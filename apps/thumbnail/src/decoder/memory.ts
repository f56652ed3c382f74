const MIB = 2 ** 20;

/** What the process itself and the source take, beside what a decode may hold. */
const PROCESS_BYTES = 192 * MIB;
/** What it may write to before the kernel refuses it more. Node alone claims 630 MiB, of which it touches a seventh. */
const RESERVE_BYTES = 896 * MIB;
const WATCH_MS = 20;

/** The limit for RLIMIT_DATA of a decoder process. */
export function toDataLimit(maxMemoryBytes: number): number {
  return maxMemoryBytes + RESERVE_BYTES;
}

/**
 * Kills this process once it holds more than a decode that was estimated at `maxMemoryBytes` may; until it is disposed.
 * The decode runs on another thread, so that the timer fires meanwhile.
 */
export function watchMemory(maxMemoryBytes: number): Disposable {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > maxMemoryBytes + PROCESS_BYTES) process.kill(process.pid, 'SIGKILL');
  }, WATCH_MS);
  return { [Symbol.dispose]: () => clearInterval(watch) };
}
