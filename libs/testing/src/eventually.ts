import { setTimeout as sleep } from 'node:timers/promises';

/** Tries `check` until it stops throwing; rethrows its last error when `withinMs` have passed. */
export async function eventually<Value>(check: () => Promise<Value> | Value, withinMs = 30_000, everyMs = 20): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(everyMs);
    }
  }
}
