import { settleSome } from './hints.ts';
import type { SqliteSession } from './session.ts';

/** When it is tried again after another process was in the way. */
const RETRY_MS = 1000;

/** Refreshes, piece by piece between other work, what transactions have left behind; also what another process has not come to. */
export class Settler implements Disposable {
  readonly #session: SqliteSession;
  readonly #stopping = new AbortController();
  #next: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(session: SqliteSession) {
    this.#session = session;
    session.onUnsettled(() => this.#goOn());
    this.#goOn();
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
    clearImmediate(this.#next);
    clearTimeout(this.#retry);
  }

  #goOn(): void {
    this.#next ??= setImmediate(() => this.#step());
  }

  #step(): void {
    this.#next = undefined;
    try {
      if (this.#session.write(this.#stopping.signal, () => settleSome(this.#session))) this.#goOn();
    } catch {
      // Whatever is wrong with the file, those who are waiting for answers hear of it.
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#goOn(), RETRY_MS).unref();
    }
  }
}
