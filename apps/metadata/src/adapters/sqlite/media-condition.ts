import type { SQLInputValue } from 'node:sqlite';
import type { MediaFilter, MediaOrder, Ordering, Position } from '../../domain/media-query.ts';
import type { MediaQuery } from '../../ports/catalog.ts';

/** A part of a query of the table `media`, and its named parameters. */
export interface Condition {
  readonly text: string;
  readonly values: Readonly<Record<string, SQLInputValue>>;
}

/** When it was last asked for, or else created; as the indexes have it. */
const USED_AT = 'max(created_at, coalesce(last_access_at, 0))';

/** What each order sorts by, without ever being NULL: see SortKey. */
const KEY_OF: Readonly<Record<MediaOrder, string>> = {
  created: 'created_at',
  'last-access': USED_AT,
  size: 'coalesce(size_bytes, -1)',
  'content-type': "coalesce(content_type, '')",
  'upload-name': "coalesce(upload_name, '')",
  'media-id': 'media_id',
  'quarantined-by': 'quarantined_by',
  protected: 'protected',
};

/** What the filter says; and always: neither deleted nor lapsed. */
export function toCondition(filter: MediaFilter, now: number): Condition {
  const parts: Record<string, [text: string, value: SQLInputValue | undefined]> = {
    now: ["(state = 'available' OR max(unused_expires_at, coalesce(claimed_until, 0)) > $now)", now],
    origins: isOneOf('origin', '$origins', filter.origins),
    users: isOneOf('user_id', '$users', filter.userIds),
    kinds: isOneOf('kind', '$kinds', filter.kinds),
    // The pluses keep it from gathering all that either side finds, and sorting that, for every page.
    tenant: ["(+kind = 'remote' OR +origin = $tenant)", filter.tenant],
    // The index of digests is of available media.
    digest: ["(digest = $digest AND state = 'available')", filter.digest],
    content_type: ["content_type LIKE $content_type ESCAPE '\\'", toPrefix(filter.contentType)],
    upload_name: ['holds(upload_name, $upload_name)', filter.uploadName?.toLowerCase() || undefined],
    min_size: ['size_bytes >= $min_size', filter.minSizeBytes],
    max_size: ['size_bytes <= $max_size', filter.maxSizeBytes],
    created_from: ['created_at >= $created_from', filter.createdFrom],
    created_before: ['created_at < $created_before', filter.createdBefore],
    created_until: ['created_at <= $created_until', filter.createdUntil],
    unused_since: [`${USED_AT} < $unused_since`, filter.unusedSince],
    state: ['state = $state', filter.state],
  };
  const given = Object.entries(parts).flatMap(([name, [text, value]]) => (value === undefined ? [] : [{ name, text, value }]));
  return {
    text: ['deleted = 0', ...given.map(({ text }) => text), ...toStandingConditions(filter)].join(' AND '),
    values: Object.fromEntries(given.map(({ name, value }) => [name, value])),
  };
}

/** The rows of a page and one more, each with its `sort_key`. */
export function toListQuery({ filter, ordering, limit, after, offset = 0 }: MediaQuery, now: number): Condition {
  const conditions = [toCondition(filter, now), ...(after === undefined ? [] : [afterPosition(ordering, after)])];
  const key = KEY_OF[ordering.order];
  return {
    text: `SELECT media.*, ${key} AS sort_key FROM media WHERE ${conditions.map(({ text }) => text).join(' AND ')}
           ORDER BY ${key} ${ordering.isDescending ? 'DESC' : 'ASC'}, origin, media_id LIMIT $limit OFFSET $offset`,
    values: Object.assign({ limit: limit + 1, offset }, ...conditions.map(({ values }) => values)),
  };
}

/** What comes after a place, in a form that lets an index begin there. */
function afterPosition({ order, isDescending }: Ordering, { key, uri }: Position): Condition {
  const column = KEY_OF[order];
  const beyond = isDescending ? '<' : '>';
  return {
    text: `${column} ${beyond}= $key AND (${column} ${beyond} $key OR (origin, media_id) > ($after_origin, $after_media_id))`,
    values: { key, after_origin: uri.origin, after_media_id: uri.mediaId },
  };
}

/** As the partial indexes have them. */
function toStandingConditions({ isQuarantined, isProtected, isLost }: MediaFilter): string[] {
  return [
    ...(isQuarantined === undefined ? [] : [isQuarantined ? "quarantined_by <> ''" : "quarantined_by = ''"]),
    ...(isProtected === undefined ? [] : [isProtected ? 'protected = 1' : 'protected = 0']),
    ...(isLost === undefined ? [] : [isLost ? 'lost = 1' : 'lost = 0']),
  ];
}

/** One value is compared by itself, so that an index keeps the order of what follows. */
function isOneOf(column: string, parameter: string, values: readonly string[] = []): [string, SQLInputValue | undefined] {
  const [only] = values;
  if (values.length <= 1) return [`${column} = ${parameter}`, only];
  return [`${column} IN (SELECT value FROM json_each(${parameter}))`, JSON.stringify(values)];
}

function toPrefix(text: string | undefined): string | undefined {
  return text ? `${text.replace(/[\\%_]/g, '\\$&')}%` : undefined;
}
