/** Runs one piece of work per key at a time; callers that come meanwhile share its result. */
export class SingleFlight<Value> {
  readonly #running = new Map<string, Promise<Value>>();

  /** Whether work is under way for `key`. */
  has(key: string): boolean {
    return this.#running.has(key);
  }

  /** The result of `work`, or of the run already under way for `key`. */
  run(key: string, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
