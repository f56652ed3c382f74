import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import type { PageFacts } from './page-facts.ts';

/** The thread ends by itself long before; one that does not is ended, whatever it does. */
const TIME_LIMIT_MS = 3000;
const THREAD_URL = new URL('./parser-thread.ts', import.meta.url);
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128 };

/** Parses pages in threads, so that none of them holds up anything else. Threads start when they are needed, and stay. */
export class ParserPool implements AsyncDisposable {
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #busy = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** What a page says of itself. Fails with FETCH_FAILED where it cannot be parsed in time; rejects when `signal` aborts. */
  async parse(bytes: Uint8Array, contentType: string, signal: AbortSignal): Promise<PageFacts> {
    await this.#enter(signal);
    let worker: Worker | undefined;
    try {
      worker = this.#idle.pop() ?? this.#start();
      const facts = await this.#ask(worker, { bytes, contentType }, signal);
      this.#idle.push(worker);
      return facts;
    } catch (error) {
      void worker?.terminate();
      throw error;
    } finally {
      this.#leave();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  async #ask(worker: Worker, job: object, signal: AbortSignal): Promise<PageFacts> {
    const limit = AbortSignal.timeout(TIME_LIMIT_MS);
    worker.postMessage(job);
    try {
      const [facts] = (await once(worker, 'message', { signal: AbortSignal.any([signal, limit]) })) as [PageFacts];
      return facts;
    } catch (error) {
      signal.throwIfAborted();
      throw new MediaError('FETCH_FAILED', 'The URL could not be fetched', { cause: error });
    }
  }

  #start(): Worker {
    const worker = new Worker(THREAD_URL, { resourceLimits: RESOURCE_LIMITS });
    this.#all.add(worker);
    // One that fails while it works is heard of by who waits for it.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at !== -1) this.#idle.splice(at, 1);
    });
    return worker;
  }

  async #enter(signal: AbortSignal): Promise<void> {
    while (this.#busy >= this.#size) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      await orAbort(turn.promise, signal);
    }
    this.#busy += 1;
  }

  #leave(): void {
    this.#busy -= 1;
    this.#waiting.splice(0).forEach(({ resolve }) => resolve());
  }
}
