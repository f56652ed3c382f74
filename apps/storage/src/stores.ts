import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import type { Dependency } from '@medley/runtime/dependency';
import type { BlobStore } from './ports/blob-store.ts';
import { StoreState } from './store-state.ts';

interface Known {
  readonly store: BlobStore;
  readonly state: StoreState;
}

/** The stores of this service by their names: the one that all tenants share, and those of tenants that have their own. */
export class Stores {
  readonly #known: ReadonlyMap<StoreName, Known>;

  /** `kind` names the dependency on the common store; that on a tenant's is named `s3 of one.example`. */
  constructor(kind: string, stores: ReadonlyMap<StoreName, BlobStore>) {
    const toState = (name: StoreName, store: BlobStore): StoreState =>
      name === COMMON_STORE ? new StoreState(kind, store) : new StoreState(`${kind} of ${name}`, store, { isRequired: false });
    this.#known = new Map([...stores].map(([name, store]) => [name, { store, state: toState(name, store) }]));
  }

  get all(): readonly BlobStore[] {
    return [...this.#known.values()].map(({ store }) => store);
  }

  /** Throws INVALID_PARAM for a store that is not configured. */
  of(name: StoreName): BlobStore {
    return this.#find(name).store;
  }

  /** Whether that store can be used. Throws INVALID_PARAM for one that is not configured. */
  stateOf(name: StoreName): StoreState {
    return this.#find(name).state;
  }

  /** The common one is required. That of one tenant is not: without it all others' media is served as before. */
  get dependencies(): readonly Dependency[] {
    return [...this.#known.values()].map(({ state }) => state.dependency);
  }

  /** Asks after all stores; rejects where the common one can't be used. Nobody waits for those of single tenants: they are only noted. */
  async check(): Promise<void> {
    for (const [name, { state }] of this.#known) {
      if (name !== COMMON_STORE) state.recall().catch(() => {}); // its dependency tells
    }
    await this.stateOf(COMMON_STORE).check();
  }

  #find(name: StoreName): Known {
    const found = this.#known.get(name);
    if (found === undefined) throw new MediaError('INVALID_PARAM', 'There is no such store');
    return found;
  }
}
