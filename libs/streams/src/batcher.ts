/**
 * Gathers the keys asked for within one turn of the event loop into one call. Same keys share one answer. A call
 * that fails, fails for every key it carried.
 */
export class Batcher<Key, Value> {
  readonly #load: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly #maxKeys: number;
  #waiting = new Map<string, { key: Key; answer: PromiseWithResolvers<Value> }>();

  /** `load` answers each key at the key's position. */
  constructor(maxKeys: number, load: (keys: readonly Key[]) => Promise<readonly Value[]>) {
    this.#maxKeys = maxKeys;
    this.#load = load;
  }

  get(name: string, key: Key): Promise<Value> {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return waiting.answer.promise;
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    const answer = Promise.withResolvers<Value>();
    this.#waiting.set(name, { key, answer });
    if (this.#waiting.size >= this.#maxKeys) this.#flush();
    return answer.promise;
  }

  #flush(): void {
    const batch = [...this.#waiting.values()];
    if (batch.length === 0) return;
    this.#waiting = new Map();
    this.#load(batch.map((one) => one.key)).then(
      (values) => batch.forEach((one, index) => settle(one.answer, values[index])),
      (error: unknown) => batch.forEach((one) => one.answer.reject(error)),
    );
  }
}

function settle<Value>(answer: PromiseWithResolvers<Value>, value: Value | undefined): void {
  if (value === undefined) answer.reject(new Error('a batch answered fewer keys than it was asked'));
  else answer.resolve(value);
}
