import { toAddressText } from '@medley/domain/blob-key';
import type { Targets } from './derived-key.ts';
import { Making } from './making.ts';
import type { Thumbnail } from './thumbnail.ts';

/** Does the work of one making: begins, delivers, and returns when all is stored. */
export type Make = (making: Making) => Promise<void>;

/** The makings under way. Who asks for a thumbnail that one of them may make waits for it and starts no other. */
export class Makings {
  readonly #make: Make;
  readonly #byName = new Map<string, Making>();
  readonly #running = new Set<Promise<void>>();

  constructor(make: Make) {
    this.#make = make;
  }

  /**
   * The thumbnail of the first target, made together with the others where the source is large enough. Fails with what
   * making it failed with, and with BUSY where it `isSpare` and would have to wait; rejects when `signal` aborts.
   */
  async get(targets: Targets, signal: AbortSignal, isSpare = false): Promise<Thumbnail> {
    const name = toAddressText(targets[0].key);
    for (;;) {
      const making = this.#find(name) ?? this.#start(targets, isSpare);
      const thumbnail = await making.wait(name, signal);
      if (thumbnail !== undefined) return thumbnail;
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #find(name: string): Making | undefined {
    const making = this.#byName.get(name);
    return making?.abandoned.aborted === true ? undefined : making;
  }

  #start(targets: Targets, isSpare: boolean): Making {
    const making = new Making(targets, isSpare);
    for (const name of making.names) this.#byName.set(name, making);
    const running = this.#run(making).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return making;
  }

  /** Forgets it before telling, so that nobody who was told finds it again. */
  async #run(making: Making): Promise<void> {
    try {
      await this.#make(making);
      this.#forget(making);
      making.finish();
    } catch (error) {
      this.#forget(making);
      making.fail(error);
    }
  }

  #forget(making: Making): void {
    for (const name of making.names) {
      if (this.#byName.get(name) === making) this.#byName.delete(name);
    }
  }
}
