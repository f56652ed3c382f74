import { isReason, MediaError } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { FetchedHeader, FetchMediaRequest, StoredMedia } from '@medley/proto/federation-fetch';
import { toKey, type SeenRecord } from '../../cache/records.ts';
import type { Gateway } from '../../gateway.ts';
import { admitRemote } from '../../scanning/admit-content.ts';
import type { RemoteAllowance } from '../../limits/remote-allowance.ts';
import { openFetch, untilStored, type Fetcher, type OpenFetch } from './open-fetch.ts';
import { NOTHING_TAKEN, type Intake } from './remote-budget.ts';

/** One media to be fetched and recorded. */
export interface FillTask {
  readonly uri: MxcUri;
  /** Which of our server names asks. */
  readonly requester: string;
  /** How long the other server may wait for an upload, in milliseconds. */
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly allowance: RemoteAllowance;
  /** The digest of a record whose bytes are lost, which makes way for what comes. */
  readonly lostDigest: string | undefined;
}

/** What is known of media as soon as its server has answered. */
export interface Arrival {
  readonly header: FetchedHeader;
  /** The replica on which the bytes arrive. */
  readonly fetcher: Fetcher;
}

/**
 * Remote media on its way into storage and the records. Nobody's leaving stops it. Its promises may fail unheard: they fail
 * as FetchMedia and RecordRemoteMedia do, with RATE_LIMITED if it is more than its asker may have, with STORAGE_FULL if there is no
 * room for more media of other servers, or as Scanning.admitRemote does.
 */
export interface Fill {
  /** More than this it does not take; known when it has failed for being too large. */
  readonly maxBytes: number;
  /** Until then its server may wait for an upload, by the monotonic clock. */
  readonly waitsUntil: number;
  /** Settles when its server has answered. */
  readonly arrival: Promise<Arrival>;
  /** Settles with the record, as it is when it has been made. */
  readonly recorded: Promise<SeenRecord>;
  /** Whether that has happened. */
  readonly isRecorded: boolean;
}

/** Beyond what may be waited for, and what a transfer may take. */
const CALL_MARGIN_MS = 30_000;

/** Begins to fetch and record a media. */
export function startFill(gateway: Gateway, task: FillTask, signal: AbortSignal): Fill {
  const fetched = fetch(gateway, task, signal).catch((error: unknown) => Promise.reject(toOwnRefusal(error, task)));
  const recorded = fetched.then((arriving) => keep(gateway, task, arriving)).catch((error: unknown) => Promise.reject(toOwnRefusal(error, task)));
  const arrival = fetched.then(({ opened: { header }, fetcher }) => ({ header, fetcher }));
  let isRecorded = false;
  arrival.catch(() => {});
  recorded.then(() => (isRecorded = true), () => {}).finally(() => task.allowance.end());
  return {
    get maxBytes() {
      return allowedBytes(task);
    },
    waitsUntil: performance.now() + task.waitMs,
    arrival,
    recorded,
    get isRecorded() {
      return isRecorded;
    },
  };
}

/** How long a call of FetchMedia may take. */
export function fetchTimeoutMs({ config: { federation } }: Gateway, waitMs: number): number {
  return waitMs + federation.timeout + federation.max_duration + CALL_MARGIN_MS;
}

interface Fetched {
  readonly opened: OpenFetch;
  readonly fetcher: Fetcher;
  readonly intake: Intake;
}

async function fetch(gateway: Gateway, task: FillTask, signal: AbortSignal): Promise<Fetched> {
  const options = { signal, timeoutMs: fetchTimeoutMs(gateway, task.waitMs) };
  try {
    await task.allowance.granted;
    // what makes a record whole again was counted before
    const intake = task.lostDigest === undefined ? await gateway.remote.budget.open(signal) : NOTHING_TAKEN;
    return await gateway.services.fetchReplicas.use(toMxcText(task.uri), async (fetcher) => ({ fetcher, intake, opened: await openFetch(fetcher, toRequest(task), options) }), signal);
  } catch (error) {
    task.allowance.settle(0); // nothing has come
    throw error;
  }
}

function toRequest(task: FillTask): FetchMediaRequest {
  return { ...toKey(task.uri), requester: task.requester, waitMs: task.waitMs, maxBytes: allowedBytes(task), onlyJoins: false };
}

async function keep(gateway: Gateway, task: FillTask, arriving: Fetched): Promise<SeenRecord> {
  let isKept = false;
  try {
    const seen = await record(gateway, task, arriving);
    isKept = true;
    return seen;
  } finally {
    arriving.intake.end(isKept);
  }
}

async function record(gateway: Gateway, { uri, allowance, lostDigest }: FillTask, { opened, intake }: Fetched): Promise<SeenRecord> {
  const { header } = opened;
  const settle = (bytes: number): void => [allowance, intake].forEach((one) => one.settle(bytes));
  if (header.sizeBytes !== undefined) settle(header.sizeBytes);
  const stored = await untilStored(opened);
  settle(stored.sizeBytes);
  const content = toContent(gateway, header, stored);
  await admitRemote(gateway, uri, content);
  const key = toKey(uri);
  // other bytes than those that were lost make another record
  if (lostDigest !== undefined && lostDigest !== stored.digest) await gateway.services.metadata.deleteMedia({ keys: [key], by: 'refetch', reason: 'its bytes were lost' });
  await gateway.services.metadata.recordRemoteMedia({ key, content });
  const seen = await gateway.records.get(uri);
  if (seen === undefined) throw new MediaError('NOT_FOUND', 'No such media');
  return seen;
}

function toContent({ config }: Gateway, { contentType, uploadName }: FetchedHeader, { digest, sizeBytes }: StoredMedia) {
  return { digest, sizeBytes, contentType, uploadName: cleanUploadName(uploadName), frozen: config.freezeUnauthenticated, store: COMMON_STORE };
}

function allowedBytes({ maxBytes, allowance }: FillTask): number {
  return Math.min(maxBytes, allowance.maxBytes);
}

/** What is too large only for its asker's allowance is refused for that. */
function toOwnRefusal(error: unknown, { maxBytes, allowance }: FillTask): unknown {
  const isForAllowance = isReason(error, 'REMOTE_TOO_LARGE') && allowance.maxBytes < maxBytes;
  return isForAllowance ? allowance.refusal(maxBytes) : error;
}
