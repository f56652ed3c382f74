import { toAddressText } from '@medley/domain/blob-key';
import { orAbort } from '@medley/streams/abort';
import type { Target, Targets } from './derived-key.ts';
import type { Thumbnail } from './thumbnail.ts';

/**
 * One run of the pipeline, and those who wait for what it makes. Somebody who leaves does not stop it for the others;
 * when all have left it is given up, unless it has begun: what it makes will be asked for again.
 */
export class Making {
  /** The one that was asked for first, then the others. */
  readonly targets: Targets;
  /** Whether nobody needs it now: it is dropped with BUSY rather than wait. */
  readonly isSpare: boolean;
  readonly #results: ReadonlyMap<string, PromiseWithResolvers<Thumbnail | undefined>>;
  readonly #abandon = new AbortController();
  #callers = 0;
  #hasBegun = false;

  constructor(targets: Targets, isSpare = false) {
    this.targets = targets;
    this.isSpare = isSpare;
    this.#results = new Map(targets.map(({ key }) => [toAddressText(key), Promise.withResolvers()]));
    for (const { promise } of this.#results.values()) promise.catch(() => undefined); // Not every result is waited for.
  }

  /** What it is to make, as key texts. */
  get names(): readonly string[] {
    return [...this.#results.keys()];
  }

  /** Aborts when all callers have left before it began. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** From here on it runs to its end. Throws where it was given up. */
  begin(): void {
    this.abandoned.throwIfAborted();
    this.#hasBegun = true;
  }

  /** Answers whoever waits for this thumbnail, or will. */
  deliver({ key }: Target, thumbnail: Promise<Thumbnail>): void {
    this.#results.get(toAddressText(key))?.resolve(thumbnail);
  }

  /** Fails what was not delivered. */
  fail(error: unknown): void {
    for (const result of this.#results.values()) result.reject(error);
  }

  /** Tells whoever still waits for one of the others that it will not come from here. */
  finish(): void {
    this.#results.get(toAddressText(this.targets[0].key))?.reject(new Error('a making ended without what was asked'));
    for (const result of this.#results.values()) result.resolve(undefined);
  }

  /** The thumbnail of that name, or `undefined` where this run did not make it. Rejects when `signal` aborts. */
  async wait(name: string, signal: AbortSignal): Promise<Thumbnail | undefined> {
    this.#callers += 1;
    try {
      return await orAbort(this.#results.get(name)?.promise ?? Promise.resolve(undefined), signal);
    } finally {
      this.#callers -= 1;
      if (this.#callers === 0 && !this.#hasBegun) this.#abandon.abort();
    }
  }
}
