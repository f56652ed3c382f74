/** Lets work on the same thing be done one after the other, in the order in which it came. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>();

  /** The result of `work`, which begins when all work of this name that came before has ended, well or not. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const mine = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const ended = mine.catch(() => undefined).finally(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    });
    this.#last.set(name, ended);
    return mine;
  }
}
