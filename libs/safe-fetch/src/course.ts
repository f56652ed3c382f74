import { MediaError } from '@medley/domain/media-error';
import { TimeLimit } from '@medley/streams/abort';
import { fetchFailed, FetchFailure, type Hop } from './fetch-failure.ts';
import { Trail } from './trail.ts';

/** What goes with one fetch from its first question to the last byte: its one deadline, its caller's signal and its trail. */
export class Course implements Disposable {
  readonly trail: Trail;
  /** Aborts with the caller's signal, and when the time is over. */
  readonly signal: AbortSignal;
  readonly #limit: TimeLimit;
  readonly #callers: AbortSignal;

  constructor(deadlineMs: number, callers: AbortSignal, onHop?: (hop: Hop) => void) {
    this.trail = new Trail(onHop);
    this.#limit = new TimeLimit(deadlineMs);
    this.#callers = callers;
    this.signal = AbortSignal.any([callers, this.#limit.signal]);
  }

  /** What the caller hears of `error`: that it gave up itself, the one error for strangers, or, where there is nothing to hide, the error. */
  explain(error: unknown): unknown {
    if (this.#callers.aborted) return this.#callers.reason;
    const failure = this.#limit.hasPassed ? new FetchFailure('TIMED_OUT', 'The time for the fetch is over', { cause: error }) : error;
    if (!(failure instanceof FetchFailure || failure instanceof MediaError)) return error;
    this.trail.note({ problem: failure.message });
    this.trail.end();
    if (failure instanceof MediaError) return failure;
    return fetchFailed(new FetchFailure(failure.code, failure.message, { cause: failure.cause, hops: this.trail.hops }));
  }

  /** No more time is measured. */
  [Symbol.dispose](): void {
    this.#limit[Symbol.dispose]();
  }
}
