import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Inventory } from '../ports/inventory.ts';

const PAGE = 1000;

/** Streams every digest that a record names, page by page. */
export function listReferences(inventory: Inventory): MetadataServiceImplementation['listReferences'] {
  return async function* list(request, { signal }) {
    let after = request.after === undefined ? '' : parseDigest(request.after);
    for (;;) {
      const page = await inventory.references(after, PAGE, signal);
      const last = page.at(-1);
      if (last === undefined) return;
      yield { references: page.map((reference) => ({ ...reference })) };
      after = last.digest;
    }
  };
}
