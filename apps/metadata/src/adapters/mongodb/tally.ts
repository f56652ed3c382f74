import type { Collection, Document, Filter } from 'mongodb';
import type { UsageRow } from '../../ports/inventory.ts';
import type { AnyDocument, MediaDocument } from './documents.ts';

/** Which groups, and by what they are ordered; equals by their names, ascending. */
export interface Grouping {
  readonly field: 'userId' | 'origin' | 'contentType' | 'kind';
  readonly by: 'name' | 'count' | 'bytes';
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

interface Group {
  readonly _id: string;
  readonly sum: number;
}

/** What each measure adds up. */
const MEASURES = { count: 1, bytes: '$sizeBytes' } as const;

type Measure = keyof typeof MEASURES;

/**
 * Counts media and bytes by group. Asks once for each of the two measures: of several sums in one group not every server
 * of the protocol works out more than the first.
 */
export async function tally(media: Collection<MediaDocument>, match: Filter<AnyDocument>, grouping: Grouping): Promise<UsageRow[]> {
  const { field, by, isDescending, offset, limit } = grouping;
  const first: Measure = by === 'count' ? 'count' : 'bytes';
  const direction = isDescending ? -1 : 1;
  const order = by === 'name' ? { _id: direction } : { sum: direction, _id: 1 };
  const groups = await sum(media, { match, field, measure: first }, [{ $sort: order }, { $skip: offset }, { $limit: limit }]);
  if (groups.length === 0) return [];
  const named = { $and: [match, { [field]: { $in: groups.map(({ _id }) => _id) } }] };
  const others = await sum(media, { match: named, field, measure: first === 'count' ? 'bytes' : 'count' }, []);
  const otherOf = new Map(others.map(({ _id, sum: other }) => [_id, other]));
  return groups.map(({ _id: name, sum: one }) => {
    const other = otherOf.get(name) ?? 0;
    return first === 'count' ? { name, mediaCount: one, mediaBytes: other } : { name, mediaCount: other, mediaBytes: one };
  });
}

/** How many groups there are. */
export async function countGroups(media: Collection<MediaDocument>, match: Filter<AnyDocument>, field: Grouping['field']): Promise<number> {
  const [total] = await media.aggregate<{ count: number }>([{ $match: match }, { $group: { _id: `$${field}` } }, { $count: 'count' }]).toArray();
  return total?.count ?? 0;
}

interface Sum {
  readonly match: Filter<AnyDocument>;
  readonly field: Grouping['field'];
  readonly measure: Measure;
}

function sum(media: Collection<MediaDocument>, { match, field, measure }: Sum, then: readonly Document[]): Promise<Group[]> {
  return media.aggregate<Group>([{ $match: match }, { $group: { _id: `$${field}`, sum: { $sum: MEASURES[measure] } } }, ...then]).toArray();
}
