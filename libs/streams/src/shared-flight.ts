import { orAbort } from './abort.ts';

interface Flight<Value> {
  readonly value: Promise<Value>;
  readonly ending: AbortController;
  callers: number;
  isOver: boolean;
}

/** Runs one piece of work per key at a time, for as long as anybody waits for it. */
export class SharedFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #lingerMs: number;

  /** For `lingerMs` after it has ended well, a run is still joined: for callers who keep the result elsewhere, but not at once. */
  constructor(lingerMs = 0) {
    this.#lingerMs = lingerMs;
  }

  /**
   * The result of `work`, or of the run under way for `key`. Rejects with the reason of `signal` when this caller leaves; the
   * run goes on for the others, and its own signal aborts when the last of them has left.
   */
  async run(key: string, work: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#begin(key, work);
    flight.callers += 1;
    try {
      return await orAbort(flight.value, signal);
    } finally {
      flight.callers -= 1;
      if (flight.callers === 0 && !flight.isOver) this.#leave(key, flight, signal.reason);
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const ending = new AbortController();
    const flight: Flight<Value> = { ending, callers: 0, isOver: false, value: work(ending.signal) };
    void flight.value.then(() => this.#lingerMs, () => 0).then((lingerMs) => {
      flight.isOver = true;
      if (lingerMs === 0) this.#forget(key, flight);
      else setTimeout(() => this.#forget(key, flight), lingerMs).unref();
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** Who comes from now on begins anew. */
  #leave(key: string, flight: Flight<Value>, reason: unknown): void {
    this.#forget(key, flight);
    flight.ending.abort(reason);
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
