import { parseDigest } from '@medley/domain/digest';
import { parseServerName } from '@medley/domain/server-name';
import type { MediaFilter as MediaFilterMessage } from '@medley/proto/metadata/catalog';
import { MediaKind as MediaKindMessage, MediaState } from '@medley/proto/metadata/media';
import type { MediaKind, MediaRecord } from '../domain/media-record.ts';
import type { MediaFilter } from '../domain/media-query.ts';
import { invalid, parseAtLeast, parseUserId, requireFew } from './fields.ts';

/** What an upload name or a content type is looked for by. */
const MAX_TEXT_LENGTH = 255;

const KINDS: Readonly<Record<MediaKindMessage, MediaKind | undefined>> = {
  [MediaKindMessage.UNSPECIFIED]: undefined,
  [MediaKindMessage.LOCAL]: 'local',
  [MediaKindMessage.REMOTE]: 'remote',
  [MediaKindMessage.PREVIEW]: 'preview',
};

const STATES: Readonly<Record<MediaState, MediaRecord['state'] | undefined>> = {
  [MediaState.UNSPECIFIED]: undefined,
  [MediaState.PENDING]: 'pending',
  [MediaState.AVAILABLE]: 'available',
};

/** Reads which media somebody means. Throws INVALID_PARAM. */
export function parseFilter(filter: MediaFilterMessage | undefined): MediaFilter {
  if (filter === undefined) return {};
  requireFew('origins and user_ids', filter.origins.length + filter.userIds.length);
  return {
    kinds: [...new Set(filter.kinds)].map(parseKind),
    origins: [...new Set(filter.origins)].map(parseServerName),
    userIds: [...new Set(filter.userIds)].map(parseUserId),
    ...given(filter.digest, (digest) => ({ digest: parseDigest(digest) })),
    ...given(filter.contentType, (contentType) => ({ contentType: parseText('content_type', contentType) })),
    ...given(filter.uploadName, (uploadName) => ({ uploadName: parseText('upload_name', uploadName) })),
    ...given(filter.state, (state) => ({ state: parseState(state) })),
    ...given(filter.tenant, (tenant) => ({ tenant: parseServerName(tenant) })),
    ...given(filter.quarantined, (isQuarantined) => ({ isQuarantined })),
    ...given(filter.protected, (isProtected) => ({ isProtected })),
    ...given(filter.lost, (isLost) => ({ isLost })),
    ...parseBounds(filter),
  };
}

function parseBounds(filter: MediaFilterMessage): MediaFilter {
  return {
    ...given(filter.minSizeBytes, (least) => ({ minSizeBytes: parseAtLeast(0, 'min_size_bytes', least) })),
    ...given(filter.maxSizeBytes, (most) => ({ maxSizeBytes: parseAtLeast(0, 'max_size_bytes', most) })),
    ...given(filter.createdFromMs, (at) => ({ createdFrom: parseAtLeast(0, 'created_from_ms', at) })),
    ...given(filter.createdBeforeMs, (at) => ({ createdBefore: parseAtLeast(0, 'created_before_ms', at) })),
    ...given(filter.unusedSinceMs, (at) => ({ unusedSince: parseAtLeast(0, 'unused_since_ms', at) })),
  };
}

function parseKind(kind: MediaKindMessage): MediaKind {
  return KINDS[kind] ?? refuse('kinds');
}

function parseState(state: MediaState): MediaRecord['state'] {
  return STATES[state] ?? refuse('state');
}

function parseText(name: string, text: string): string {
  if (text.length > MAX_TEXT_LENGTH) throw invalid(`${name} must be at most ${MAX_TEXT_LENGTH} characters`);
  return text;
}

function given<Value, Part extends MediaFilter>(value: Value | undefined, toPart: (value: Value) => Part): Part | Record<never, never> {
  return value === undefined ? {} : toPart(value);
}

function refuse(name: string): never {
  throw invalid(`${name} holds a value that is not known`);
}
