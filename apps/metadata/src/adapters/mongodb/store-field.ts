import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';

/** In documents of what lies in a store; absent where that is the common one, as in all that were written before there were others. */
export interface StoreField {
  readonly store?: StoreName;
}

/** What a document says of its store. */
export function fromStore(store: StoreName): StoreField {
  return store === COMMON_STORE ? {} : { store };
}

/** The store that a document says. */
export function toStore({ store = COMMON_STORE }: StoreField): StoreName {
  return store;
}

/** What finds the documents of one store; either is one point of an index, which so keeps the order of what follows. */
export function inStore(store: StoreName): { readonly store: StoreName | { readonly $exists: false } } {
  return { store: store === COMMON_STORE ? { $exists: false } : store };
}
