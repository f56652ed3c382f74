import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { UsageGroup as UsageGroupMessage } from '@medley/proto/metadata/catalog';
import type { MediaFilter } from '../domain/media-query.ts';
import type { Inventory, UsageGroup } from '../ports/inventory.ts';
import { invalid, parseLimit } from './fields.ts';
import { parseFilter } from './parse-filter.ts';

const DEFAULT_LIMIT = 100;
/** Images of previews are nobody's uploads. */
const MEDIA: MediaFilter = { kinds: ['local', 'remote'] };

const GROUPS: Readonly<Record<UsageGroupMessage, UsageGroup | undefined>> = {
  [UsageGroupMessage.UNSPECIFIED]: undefined,
  [UsageGroupMessage.USER]: 'user',
  [UsageGroupMessage.ORIGIN]: 'origin',
  [UsageGroupMessage.CONTENT_TYPE]: 'content-type',
  [UsageGroupMessage.KIND]: 'kind',
};

/** Counts records. */
export function getUsage(inventory: Inventory): MetadataServiceImplementation['getUsage'] {
  return async ({ filter, group, limit }, { signal }) => {
    const known = GROUPS[group ?? UsageGroupMessage.UNSPECIFIED];
    if (group !== undefined && known === undefined && group !== UsageGroupMessage.UNSPECIFIED) throw invalid('group is not known');
    const { rows, ...usage } = await inventory.usage({
      filter: filter === undefined ? MEDIA : parseFilter(filter),
      limit: parseLimit(limit ?? DEFAULT_LIMIT),
      ...(known !== undefined && { group: known }),
    }, signal);
    return { ...usage, rows: rows.map((row) => ({ ...row })) };
  };
}
