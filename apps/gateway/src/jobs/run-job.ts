import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { toMxcText } from '@medley/domain/mxc-uri';
import { parseServerName } from '@medley/domain/server-name';
import { findAvatars } from '@medley/maintenance/avatars';
import { MediaOrder } from '@medley/proto/metadata/catalog';
import { JobState, type Job } from '@medley/proto/metadata/jobs';
import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Gateway } from '../gateway.ts';
import { isObject } from '../http/parse/json-body.ts';
import { moderate } from '../usecases/moderate.ts';
import { requireRecord } from '../usecases/require-record.ts';
import { countSelected, listSelected, listTrashed, type Listing, type SelectedMedia } from '../usecases/selection/list-selected.ts';
import { parseProgress, type JobProgress } from './job-progress.ts';
import { parseJobSpec, type JobSpec } from './job-spec.ts';

/** What keeps a job from going on for now; it is taken up again where it was. */
const PASSING: ReadonlySet<MediaErrorReason> = new Set<MediaErrorReason>(['BUSY', 'SERVICE_UNAVAILABLE', 'TIMED_OUT']);
/** The oldest first, so that what comes while the job runs comes behind it. */
const SORTING = { order: MediaOrder.CREATED_AT, descending: false };

export interface JobLimits {
  /** How many media are worked off, and held in memory, at once. */
  readonly batch: number;
  /** Aborts when the process is to end: the batch under way is finished. */
  readonly stopping: AbortSignal;
}

/**
 * Works off a job from where it was left, batch by batch, until it is through, cancelled, or the process is to end. A batch that was
 * not saved is done again by whoever goes on, which does no harm. Fails, and leaves the job to be taken up again, when a service is
 * away or `signal` aborts; for any other failure the job has failed.
 */
export async function runJob(gateway: Gateway, job: Job, limits: JobLimits, signal: AbortSignal): Promise<Job> {
  try {
    return await workThrough(gateway, job, limits, signal);
  } catch (error) {
    if (signal.aborted || (error instanceof MediaError && PASSING.has(error.reason))) throw error;
    gateway.log.warn({ err: error, job: job.id }, 'a job failed');
    const failure = error instanceof MediaError ? error.message : 'Internal error';
    return save(gateway, { ...job, state: JobState.FAILED, failure }, signal);
  }
}

async function workThrough(gateway: Gateway, job: Job, { batch, stopping }: JobLimits, signal: AbortSignal): Promise<Job> {
  const { spec, listing } = read(gateway, job);
  let progress = parseProgress(job.progress);
  if (progress.after === undefined) progress = { ...progress, total: await estimate(gateway, spec, listing, signal) };
  // One that is not known to run would be cancelled at once, and what its first batch does be missing from it.
  let current = job.state === JobState.QUEUED ? await save(gateway, { ...job, state: JobState.RUNNING, progress: JSON.stringify(progress) }, signal) : job;
  while (!current.cancelRequested && !stopping.aborted) {
    const { records, next } = await listPage(gateway, spec, { ...listing, page: { limit: batch, after: progress.after } }, signal);
    progress = { ...add(progress, await workOff(gateway, { job, spec, records }, signal)), after: next ?? progress.after };
    const state = next === undefined ? JobState.DONE : JobState.RUNNING;
    current = await save(gateway, { ...current, state, progress: JSON.stringify(progress) }, signal);
    if (next === undefined) return current;
  }
  return current.cancelRequested ? save(gateway, { ...current, state: JobState.CANCELLED }, signal) : current;
}

function read({ tenants }: Gateway, job: Job): { readonly spec: JobSpec; readonly listing: Omit<Listing, 'page'> } {
  const order: unknown = JSON.parse(job.input);
  const spec = parseJobSpec(job.action, isObject(order) ? order : {});
  const { filter, roomId } = spec.selection;
  // What comes later was not meant, and a job that ran after it would never end.
  const createdBeforeMs = Math.min(filter.createdBeforeMs ?? Infinity, job.createdAtMs + 1);
  const selection = { filter: { ...filter, createdBeforeMs }, roomId };
  return { spec, listing: { tenant: tenants.asSeenBy({ serverName: parseServerName(job.origin) }, job.by), selection, withoutMembers: spec.action === 'quarantine' } };
}

/** Nobody knows beforehand how much of a room, or of the trash, is meant. */
async function estimate(gateway: Gateway, { action, selection }: JobSpec, listing: Omit<Listing, 'page'>, signal: AbortSignal): Promise<number | undefined> {
  return action === 'restore' || selection.roomId !== undefined ? undefined : countSelected(gateway, listing, signal);
}

function listPage(gateway: Gateway, { action }: JobSpec, listing: Listing, signal: AbortSignal): Promise<SelectedMedia> {
  return action === 'restore' ? listTrashed(gateway, listing, signal) : listSelected(gateway, listing, SORTING, signal);
}

interface Batch {
  readonly job: Job;
  readonly spec: JobSpec;
  readonly records: readonly MediaRecord[];
}

type Outcome = Pick<JobProgress, 'done' | 'bytes' | 'kept' | 'failed'>;

async function workOff(gateway: Gateway, { job, spec, records }: Batch, signal: AbortSignal): Promise<Outcome> {
  const byUri = new Map(records.map((record) => [toMxcText(requireRecord(record.key)), record]));
  const keeps = spec.action === 'delete' && !spec.includeAvatars && byUri.size > 0;
  const kept = keeps ? await findAvatars(gateway.services.metadata, toKeys(byUri.values()), signal) : new Set<string>();
  for (const uri of kept) byUri.delete(uri);
  const { by, reason } = job;
  const isIdle = spec.dryRun || byUri.size === 0;
  const taken = isIdle ? new Set(byUri.keys()) : await moderate(gateway, { action: spec.action, keys: toKeys(byUri.values()), by, reason }, signal);
  const bytes = [...taken].reduce((sum, uri) => sum + (byUri.get(uri)?.content?.sizeBytes ?? 0), 0);
  return { done: taken.size, bytes, kept: kept.size, failed: byUri.size - taken.size };
}

function toKeys(records: Iterable<MediaRecord>) {
  return [...records].map(({ key }) => requireRecord(key));
}

function add(progress: JobProgress, outcome: Outcome): JobProgress {
  const { done, bytes, kept, failed } = progress;
  return { ...progress, done: done + outcome.done, bytes: bytes + outcome.bytes, kept: kept + outcome.kept, failed: failed + outcome.failed };
}

async function save({ services }: Gateway, { id, state, progress, failure }: Job, signal: AbortSignal): Promise<Job> {
  return requireRecord((await services.metadata.updateJob({ id, state, progress, failure }, { signal })).job);
}
