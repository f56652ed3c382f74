import type { MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaKind, type MediaRecord } from '@medley/proto/metadata/media';

/** What a media is to us. */
export function kindOf({ remote, previewImage }: Pick<MediaRecord, 'remote' | 'previewImage'>): MediaKind {
  if (remote) return MediaKind.REMOTE;
  return previewImage === undefined ? MediaKind.LOCAL : MediaKind.PREVIEW;
}

/** When a media was last asked for, or else created; in Unix milliseconds. */
export function lastUseOf({ createdAtMs, lastAccessMs }: Pick<MediaRecord, 'createdAtMs' | 'lastAccessMs'>): number {
  // the last access is told to the minute, so it may seem to be before the creation
  return Math.max(createdAtMs, lastAccessMs ?? 0);
}

/** Whether a filter lets a record through, as ListMedia would; for records that come from elsewhere. */
export function matches(filter: MediaFilter, record: MediaRecord): boolean {
  return matchesOwner(filter, record) && matchesContent(filter, record) && matchesTimes(filter, record) && matchesStanding(filter, record);
}

function matchesOwner({ kinds, origins, userIds, tenant }: MediaFilter, record: MediaRecord): boolean {
  const origin = record.key?.origin ?? '';
  return (
    isAmong(kinds, kindOf(record)) && isAmong(origins, origin) && isAmong(userIds, record.userId) &&
    (tenant === undefined || record.remote || origin === tenant)
  );
}

/** What has no bytes yet has no size, type, name or digest to be found by. */
function matchesContent({ digest, contentType, uploadName, minSizeBytes, maxSizeBytes }: MediaFilter, { content }: MediaRecord): boolean {
  const asked = [digest, contentType, uploadName, minSizeBytes, maxSizeBytes].some((one) => one !== undefined);
  if (content === undefined) return !asked;
  return (
    is(digest, content.digest) &&
    content.contentType.toLowerCase().startsWith(contentType?.toLowerCase() ?? '') &&
    (uploadName === undefined || (content.uploadName?.toLowerCase().includes(uploadName.toLowerCase()) ?? false)) &&
    content.sizeBytes >= (minSizeBytes ?? 0) && content.sizeBytes <= (maxSizeBytes ?? Infinity)
  );
}

function matchesTimes({ createdFromMs, createdBeforeMs, unusedSinceMs }: MediaFilter, record: MediaRecord): boolean {
  const { createdAtMs } = record;
  return createdAtMs >= (createdFromMs ?? 0) && createdAtMs < (createdBeforeMs ?? Infinity) && lastUseOf(record) < (unusedSinceMs ?? Infinity);
}

function matchesStanding(filter: MediaFilter, record: MediaRecord): boolean {
  return (
    is(filter.quarantined, record.quarantine !== undefined) && is(filter.protected, record.protected) && is(filter.state, record.state) &&
    is(filter.lost, record.lost)
  );
}

function isAmong<Value>(wanted: readonly Value[], value: Value): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function is<Value>(wanted: Value | undefined, value: Value): boolean {
  return wanted === undefined || wanted === value;
}
