import { parseServerName } from '@medley/domain/server-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { UserStatisticsOrder } from '@medley/proto/metadata/catalog';
import type { Catalog, StatisticsOrder } from '../ports/catalog.ts';
import { invalid, parseAtLeast, parseLimit } from './fields.ts';

const ORDERS: Readonly<Record<UserStatisticsOrder, StatisticsOrder | undefined>> = {
  [UserStatisticsOrder.UNSPECIFIED]: undefined,
  [UserStatisticsOrder.USER_ID]: 'user-id',
  [UserStatisticsOrder.MEDIA_COUNT]: 'media-count',
  [UserStatisticsOrder.MEDIA_BYTES]: 'media-bytes',
};

/** Counts what each user of one origin has uploaded. */
export function listUserStatistics(catalog: Catalog): MetadataServiceImplementation['listUserStatistics'] {
  return async (request, { signal }) => {
    const { users, totalCount } = await catalog.statistics({
      origin: parseServerName(request.origin),
      from: parseAtLeast(0, 'from_ms', request.fromMs),
      ...(request.untilMs !== undefined && { until: parseAtLeast(0, 'until_ms', request.untilMs) }),
      ...(request.search !== undefined && { search: request.search }),
      order: parseOrder(request.order),
      isDescending: request.descending,
      offset: parseAtLeast(0, 'offset', request.offset),
      limit: parseLimit(request.limit),
    }, signal);
    return { users: users.map((user) => ({ ...user })), totalCount };
  };
}

function parseOrder(order: UserStatisticsOrder = UserStatisticsOrder.USER_ID): StatisticsOrder {
  const known = ORDERS[order];
  if (known === undefined) throw invalid('order is not known');
  return known;
}
