import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { MediaOrder as MediaOrderMessage, type ListMediaRequest } from '@medley/proto/metadata/catalog';
import { parseCursor, toCursor, type MediaOrder, type Ordering } from '../domain/media-query.ts';
import type { Catalog, MediaQuery } from '../ports/catalog.ts';
import { invalid, MAX_ITEMS, parseAtLeast } from './fields.ts';
import { parseFilter } from './parse-filter.ts';
import { toMessage } from './to-message.ts';

const ORDERS: Readonly<Record<MediaOrderMessage, MediaOrder | undefined>> = {
  [MediaOrderMessage.UNSPECIFIED]: undefined,
  [MediaOrderMessage.CREATED_AT]: 'created',
  [MediaOrderMessage.LAST_ACCESS]: 'last-access',
  [MediaOrderMessage.SIZE]: 'size',
  [MediaOrderMessage.CONTENT_TYPE]: 'content-type',
  [MediaOrderMessage.UPLOAD_NAME]: 'upload-name',
  [MediaOrderMessage.MEDIA_ID]: 'media-id',
  [MediaOrderMessage.QUARANTINED_BY]: 'quarantined-by',
  [MediaOrderMessage.PROTECTED]: 'protected',
};

/** Finds records by what they are. */
export function listMedia(catalog: Catalog): MetadataServiceImplementation['listMedia'] {
  return async (request, { signal }) => {
    const query = parseQuery(request);
    const { records, next } = query.limit === 0 ? { records: [] } : await catalog.list(query, signal);
    return {
      records: records.map(toMessage),
      ...(next !== undefined && { next: toCursor(query.ordering, next) }),
      ...(request.withTotal && { totalCount: await catalog.count(query.filter, signal) }),
    };
  };
}

function parseQuery({ filter, order, descending, limit, after, offset }: ListMediaRequest): MediaQuery {
  const ordering: Ordering = { order: parseOrder(order), isDescending: descending };
  if (limit < 0 || limit > MAX_ITEMS) throw invalid(`limit must be from 0 to ${MAX_ITEMS}`);
  if (after !== undefined && offset !== undefined) throw invalid('after and offset exclude each other');
  return {
    filter: parseFilter(filter),
    ordering,
    limit,
    ...(after !== undefined && { after: parseCursor(ordering, after) }),
    ...(offset !== undefined && { offset: parseAtLeast(0, 'offset', offset) }),
  };
}

function parseOrder(order: MediaOrderMessage = MediaOrderMessage.CREATED_AT): MediaOrder {
  const known = ORDERS[order];
  if (known === undefined) throw invalid('order is not known');
  return known;
}
