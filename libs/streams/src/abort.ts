const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Aborts its signal after `ms` with a TimeoutError, unless it was disposed of before. For limits by the thousand:
 * `AbortSignal.timeout` keeps its timer, and all that listens, until the time has passed.
 */
export class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    const timeOut = (): void => this.#controller.abort(new DOMException('It took too long', 'TimeoutError'));
    this.#timer = setTimeout(timeOut, Math.min(ms, MAX_TIMER_MS)).unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasPassed(): boolean {
    return this.signal.aborted;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Settles with `promise`, or rejects with the signal's reason as soon as it aborts. */
export async function orAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  promise.catch(() => {}); // whoever left does not hear of it any more
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
