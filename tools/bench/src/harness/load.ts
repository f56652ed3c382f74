import type { Load } from '../clients/load-client.ts';
import type { Side, Work } from './rounds.ts';
import { Worker } from './worker.ts';

/** Makes HTTP requests from a process of its own, so that the client takes no time from whatever it measures. */
export class LoadGenerator implements AsyncDisposable {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(): Promise<LoadGenerator> {
    return new LoadGenerator(await Worker.start('clients/load-client.ts'));
  }

  run(load: Load): Promise<Work> {
    return this.#worker.call<Work>(load);
  }

  /** A side that answers this load. */
  side(name: string, pids: readonly number[], load: Load): Side {
    return { name, pids, run: () => this.run(load) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]();
  }
}
