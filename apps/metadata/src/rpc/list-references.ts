import { parseDigest } from '@medley/domain/digest';
import { parseStoreName } from '@medley/domain/store-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Inventory } from '../ports/inventory.ts';

const PAGE = 1000;

/** Streams every blob of one store that a record names, page by page. */
export function listReferences(inventory: Inventory): MetadataServiceImplementation['listReferences'] {
  return async function* list(request, { signal }) {
    const store = parseStoreName(request.store);
    let after = request.after === undefined ? '' : parseDigest(request.after);
    for (;;) {
      const page = await inventory.references({ store, after, limit: PAGE }, signal);
      const last = page.at(-1);
      if (last === undefined) return;
      yield { references: page.map((reference) => ({ ...reference })) };
      after = last.digest;
    }
  };
}
