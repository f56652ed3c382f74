const TICK_MS = 20;

/**
 * Tells every 20 ms how long everything in this process waits for its turn, in milliseconds: by how much both of the last two
 * timers came too late. One long step is no queue, and does not count.
 */
export class LoopDelay implements Disposable {
  readonly #onTick: (delayMs: number) => void;
  readonly #timer: NodeJS.Timeout;
  #tickedAt = performance.now();
  #before = 0;

  constructor(onTick: (delayMs: number) => void) {
    this.#onTick = onTick;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(now: number): void {
    const delay = Math.max(0, now - this.#tickedAt - TICK_MS);
    this.#tickedAt = now;
    this.#onTick(Math.min(delay, this.#before));
    this.#before = delay;
  }
}
