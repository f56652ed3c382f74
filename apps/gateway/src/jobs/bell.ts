import { setTimeout as sleep } from 'node:timers/promises';

/** Wakes one who waits, here in this process. A ring that nobody waits for is heard by the next who does. */
export class Bell {
  #rung = new AbortController();

  ring(): void {
    this.#rung.abort();
  }

  /** Waits until it rings, `signal` aborts, or so many milliseconds have passed. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    // It rejects only when it is woken.
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, this.#rung.signal]) }).catch(() => {});
    this.#rung = new AbortController();
  }
}
