/** Counts what is under way for each name, and lets no name have more than so much at once. */
export class AtOnce {
  readonly #max: number;
  readonly #running = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Begins one more for `name`, unless it has the most already; answers with what ends it, to be called once. */
  begin(name: string): (() => void) | undefined {
    const others = this.#running.get(name) ?? 0;
    if (others >= this.#max) return undefined;
    this.#running.set(name, others + 1);
    return () => this.#end(name);
  }

  #end(name: string): void {
    const left = (this.#running.get(name) ?? 1) - 1;
    if (left === 0) this.#running.delete(name);
    else this.#running.set(name, left);
  }
}
