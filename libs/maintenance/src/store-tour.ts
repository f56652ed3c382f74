import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import type { JobContext, StoreContext } from './job.ts';

/** Goes from one store to the next. One that can't be worked on keeps nobody from the others: it is told of in the end. */
export class StoreTour {
  readonly #context: JobContext;
  readonly #failures = new Map<string, MediaError>();

  constructor(context: JobContext) {
    this.#context = context;
  }

  get hasFailed(): boolean {
    return this.#failures.size > 0;
  }

  /** Works in one store after the other, but in none that has failed before, and answers with what came of it where it went well. */
  async visit<Result>(work: (context: StoreContext) => Promise<Result>): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const store of this.#context.stores) {
      if (!this.#failures.has(describe(store))) await this.attempt(describe(store), async () => void results.push(await work(within(this.#context, store))));
    }
    return results;
  }

  /** Does something that concerns all stores. */
  async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (!(error instanceof MediaError)) throw error;
      this.#failures.set(what, error);
    }
  }

  /** Throws where something has failed, and says what. */
  conclude(): void {
    const [first] = this.#failures.values();
    if (first === undefined) return;
    if (this.#context.stores.length === 1) throw first;
    const message = [...this.#failures].map(([what, failure]) => `${what}: ${failure.message}`).join('; ');
    throw new MediaError(first.reason, message, { cause: first.cause });
  }
}

function describe(store: StoreName): string {
  return store === COMMON_STORE ? 'the common store' : `the store of ${store}`;
}

function within(context: JobContext, store: StoreName): StoreContext {
  if (store === COMMON_STORE) return { ...context, store };
  return { ...context, store, log: context.log.child({ store }), onProgress: (progress) => context.onProgress({ ...progress, store }) };
}
