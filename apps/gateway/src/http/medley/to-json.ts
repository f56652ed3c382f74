import { toMxcText } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { kindOf } from '@medley/maintenance/matches';
import { JobState, type Job } from '@medley/proto/metadata/jobs';
import { MediaKind, MediaState, type MediaKey, type MediaRecord, type Quarantine } from '@medley/proto/metadata/media';
import { ChangeKind, type Ban, type Change, type TrashedMedia } from '@medley/proto/metadata/moderation';
import { MediaUseKind, type MediaUse } from '@medley/proto/metadata/rooms';
import { VerdictState, type Verdict } from '@medley/proto/metadata/verdicts';
import { parseProgress } from '../../jobs/job-progress.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import { isObject } from '../parse/json-body.ts';

// What is not there is null, so that every object of a kind has the same members.

/** A media record as admins see it: `MediaRecord` of the OpenAPI document. */
export function recordToJson(record: MediaRecord): object {
  const { content, previewImage } = record;
  return {
    ...nameOf(requireRecord(record.key)),
    kind: wordOf(MediaKind, kindOf(record)),
    state: wordOf(MediaState, record.state),
    user_id: record.userId === '' ? null : record.userId,
    created_at: record.createdAtMs,
    unused_expires_at: record.unusedExpiresAtMs ?? null,
    last_access_at: record.lastAccessMs ?? null,
    content_type: content?.contentType ?? null,
    upload_name: content?.uploadName ?? null,
    size: content?.sizeBytes ?? null,
    sha256: content?.digest ?? null,
    store: content === undefined || content.store === COMMON_STORE ? null : content.store,
    frozen: content?.frozen ?? null,
    quarantine: record.quarantine === undefined ? null : quarantineToJson(record.quarantine),
    protected: record.protected,
    lost: record.lost,
    preview: previewImage === undefined ? null : { url: previewImage.url ?? null, expires_at: previewImage.expiresAtMs },
  };
}

/** `TrashedMedia` of the OpenAPI document. */
export function trashedToJson({ record, deletedBy, deletedAtMs, reason, purgeAtMs }: TrashedMedia): object {
  return { media: recordToJson(requireRecord(record)), deleted_by: deletedBy, deleted_at: deletedAtMs, reason: reason ?? null, purge_at: purgeAtMs };
}

/** `Ban` of the OpenAPI document. */
export function banToJson({ subject, quarantine }: Ban): object {
  return { ...subjectToJson(subject), ...quarantineToJson(requireRecord(quarantine)) };
}

/** `Change` of the OpenAPI document. */
export function changeToJson({ sequence, kind, subject, store, by, atMs, reason }: Change): object {
  return { sequence, kind: wordOf(ChangeKind, kind), ...subjectToJson(subject), store: store === COMMON_STORE ? null : store, by, at: atMs, reason: reason ?? null };
}

/** `MediaUse` of the OpenAPI document. */
export function useToJson({ roomId, eventId, kind, sender, atMs }: MediaUse): object {
  return { room_id: roomId, event_id: eventId, kind: wordOf(MediaUseKind, kind), sender, at: atMs };
}

/** `Verdict` of the OpenAPI document. */
export function verdictToJson({ state, finding, scanner, atMs }: Verdict): object {
  return { state: wordOf(VerdictState, state), finding, scanner, at: atMs };
}

/** `Job` of the OpenAPI document. */
export function jobToJson(job: Job): object {
  const order: unknown = JSON.parse(job.input);
  const { after, total, ...counts } = parseProgress(job.progress);
  return {
    job_id: job.id,
    action: job.action,
    ...(isObject(order) ? order : {}),
    state: wordOf(JobState, job.state),
    by: job.by,
    reason: job.reason ?? null,
    created_at: job.createdAtMs,
    updated_at: job.updatedAtMs,
    cancel_requested: job.cancelRequested,
    total: total ?? null,
    ...counts,
    position: after ?? null,
    failure: job.failure === '' ? null : job.failure,
  };
}

/** The word of a value of a protobuf enum, as it is said in JSON. */
function wordOf(words: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(words).find((word) => words[word] === value)?.toLowerCase() ?? 'unknown';
}

function nameOf({ origin, mediaId }: MediaKey): object {
  return { content_uri: toMxcText({ origin, mediaId }), origin, media_id: mediaId };
}

function subjectToJson(subject: Ban['subject']): object {
  return {
    content_uri: subject?.$case === 'key' ? toMxcText(subject.value) : null,
    sha256: subject?.$case === 'digest' ? subject.value : null,
  };
}

function quarantineToJson({ by, atMs, reason }: Quarantine): object {
  return { by, at: atMs, reason: reason ?? null };
}
