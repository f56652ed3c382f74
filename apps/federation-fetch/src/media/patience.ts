import { fetchFailed, ServerDown } from './fetch-failed.ts';

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits for a server step by step: its signal aborts with FETCH_FAILED when something takes too long, or with the reason of whoever gave up before. */
export class Patience implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(callers: AbortSignal) {
    this.signal = AbortSignal.any([callers, this.#controller.signal]);
  }

  /** From now on waits for `what` at most so long, and for nothing else. */
  expect(what: string, withinMs: number): void {
    clearTimeout(this.#timer);
    const giveUp = (): void => this.#controller.abort(new ServerDown(fetchFailed(`${what} did not come within ${withinMs} ms`).cause));
    this.#timer = setTimeout(giveUp, Math.min(withinMs, MAX_TIMER_MS)).unref();
  }

  /** Waits for the same once more. */
  again(): void {
    this.#timer?.refresh();
  }

  /** Nothing is waited for any more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
