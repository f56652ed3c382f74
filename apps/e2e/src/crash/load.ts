import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../harness/random.ts';
import type { Choice, Operation, Worker } from './operations.ts';

/** Long enough to leave the machine some time, short enough that something always happens. */
const PAUSE_MS = 15;

/** Clients that do one thing after the other until told to stop. */
export class Load {
  /** How many operations have ended. */
  operationCount = 0;
  #isOver = false;
  #failure: unknown;
  readonly #running: Promise<unknown>;

  constructor(workers: readonly Worker[], choices: readonly Choice[]) {
    this.#running = Promise.all(workers.map((worker) => this.#run(worker, choices)));
    this.#running.catch((error: unknown) => (this.#failure = error));
  }

  /** Fails if a client has failed so far. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until everybody has finished; fails if a client has failed for a reason of its own. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(worker: Worker, choices: readonly Choice[]): Promise<void> {
    while (!this.#isOver) {
      await pickOperation(worker.random, choices)(worker);
      this.operationCount += 1;
      await sleep(PAUSE_MS);
    }
  }
}

function pickOperation(random: Random, choices: readonly Choice[]): Operation {
  let at = random.next() * choices.reduce((sum, { share }) => sum + share, 0);
  return choices.find(({ share }) => (at -= share) < 0)?.run ?? (async () => {});
}
