import { Dependency } from '@medley/runtime/dependency';
import type { BlobStore } from './ports/blob-store.ts';

const TIMEOUT_MS = 2000;
const RECALLED_MS = 5000;

interface StateOptions {
  readonly now?: () => number;
  readonly isRequired?: boolean;
}

/** Whether the store can be used, asked as rarely as will do. */
export class StoreState {
  readonly dependency: Dependency;
  readonly #store: Pick<BlobStore, 'check'>;
  readonly #now: () => number;
  #last: { readonly checked: Promise<void>; readonly at: number } | undefined;

  /** `now` is a monotonic clock, in milliseconds; where the store is not required, the service works without it. */
  constructor(name: string, store: Pick<BlobStore, 'check'>, { now = () => performance.now(), isRequired = true }: StateOptions = {}) {
    this.dependency = new Dependency(name, { isRequired });
    this.#store = store;
    this.#now = now;
  }

  /** Asks the store now, for 2 s at most; rejects where it can't be used. */
  check(): Promise<void> {
    const checked = this.dependency.check(() => this.#store.check(AbortSignal.timeout(TIMEOUT_MS)));
    this.#last = { checked, at: this.#now() };
    return checked;
  }

  /** The same, but believes for 5 s what was found before, whoever asked. */
  recall(): Promise<void> {
    const last = this.#last;
    return last !== undefined && this.#now() < last.at + RECALLED_MS ? last.checked : this.check();
  }
}
