import type { MetadataStore } from '../ports/metadata-store.ts';
import type { ChangeFeed } from '../usecases/change-feed.ts';

/** Where things happen to media, and who tells of it. */
export interface ChangeSource {
  readonly store: MetadataStore;
  readonly changes: ChangeFeed;
}
