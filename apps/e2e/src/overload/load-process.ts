import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Offer, Yield } from './offer.ts';

/** Offers load from a process of its own, so that it takes no turns from what it measures. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'generator.ts'));

  /** One at a time. Rejects when the process ends. */
  async offer(offer: Offer): Promise<Yield> {
    const over = new AbortController();
    const ended = once(this.#child, 'exit', { signal: over.signal }).then(() => Promise.reject(new Error('the load generator ended')));
    const replied = once(this.#child, 'message', { signal: over.signal });
    this.#child.send(offer);
    try {
      const [result] = await Promise.race([replied, ended]) as [Yield];
      return result;
    } finally {
      over.abort();
      ended.catch(() => {}); // that of the abort
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}
