/** A few may fail because of the files. */
const RESTS_AFTER = 3;
const FIRST_REST_MS = 5000;
const MAX_REST_MS = 60_000;

/** Keeps a scanner that does not answer from being asked for every file: after some failures in a row it rests, and then one file tries it. */
export class ScannerHealth {
  readonly #now: () => number;
  #failureCount = 0;
  #restsUntil = 0;
  #restMs = FIRST_REST_MS;
  #scanCount = 0;

  /** `now` is a monotonic clock, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many files it has examined. */
  get scanCount(): number {
    return this.#scanCount;
  }

  /** Whether it answered when it was asked last, or there is no saying yet. */
  get isWell(): boolean {
    return this.#failureCount < RESTS_AFTER;
  }

  /** Milliseconds until it may be asked. */
  get restMs(): number {
    return this.isWell ? 0 : Math.max(0, this.#restsUntil - this.#now());
  }

  /** Whether it may be asked now; of those who ask when it has rested, one. */
  mayAsk(): boolean {
    if (this.restMs > 0) return false;
    this.#restsUntil = this.#now() + this.#restMs;
    return true;
  }

  /** It has said its name. Now a file may try it, but that says nothing of how it does with files. */
  answer(): void {
    this.#restsUntil = this.#now();
  }

  /** It has examined a file. */
  succeed(): void {
    this.#scanCount += 1;
    this.#failureCount = 0;
    this.#restMs = FIRST_REST_MS;
  }

  /** It has not answered in time, or can't be reached. */
  fail(): void {
    this.#failureCount += 1;
    this.#restsUntil = this.#now() + this.#restMs;
    if (!this.isWell) this.#restMs = Math.min(2 * this.#restMs, MAX_REST_MS);
  }
}
