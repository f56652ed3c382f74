import { setTimeout as sleep } from 'node:timers/promises';
import { parseDigest, type Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { StoreName } from '@medley/domain/store-name';
import type { HttpTarget, LaneResponse } from '@medley/byte-lane/byte-lane';
import { orAbort, TimeLimit } from '@medley/streams/abort';
import { collectBytes } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import type { RequestBody } from '../http/parse/request-body.ts';
import { askStore } from './ask-store.ts';
import { ReplayableBody } from './replayable-body.ts';
import { requireRecord } from './require-record.ts';

export interface StoredBody {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What an uploader is told as it is; all else (a link that expired meanwhile) is between us and storage. */
const UPLOADERS_REASONS = ['TOO_LARGE', 'STORAGE_FULL', 'UPLOAD_INCOMPLETE', 'REQUEST_TIMEOUT', 'SERVICE_UNAVAILABLE', 'BUSY'] as const;
const MAX_ANSWER_BYTES = 16 * 1024;

/** How often a place for a body is asked for while it can be sent from its beginning. */
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 200;

/**
 * Streams a body into a store and returns once it is durable there. All or nothing: whatever fails or stops on the
 * way, nothing is stored under a name that anybody knows. Fails with REQUEST_TIMEOUT when it takes longer than
 * `uploads.max_duration`.
 */
export function storeBody(gateway: Gateway, body: RequestBody, store: StoreName, signal: AbortSignal): Promise<StoredBody> {
  return gateway.measures.upload(() => storeInTime(gateway, body, store, signal));
}

async function storeInTime(gateway: Gateway, body: RequestBody, store: StoreName, signal: AbortSignal): Promise<StoredBody> {
  const { max_duration: maxMs } = gateway.config.uploads;
  using limit = new TimeLimit(maxMs);
  using replayable = new ReplayableBody(body);
  const stored = await sendSomewhere(gateway, replayable, store, AbortSignal.any([signal, limit.signal])).catch((error: unknown) => {
    if (limit.hasPassed) throw new MediaError('REQUEST_TIMEOUT', `The upload took longer than ${maxMs} ms`, { cause: error });
    throw error;
  });
  if (stored.sizeBytes !== replayable.sizeBytes) {
    throw new MediaError('UPLOAD_INCOMPLETE', `Stored ${stored.sizeBytes} of ${replayable.sizeBytes} bytes`);
  }
  return stored;
}

/** Storage was lost before it said what has become of the body. */
class PlaceLost extends MediaError {
  constructor(cause: unknown) {
    super('SERVICE_UNAVAILABLE', 'storage is not available', { cause, retryAfterMs: 1000 });
  }
}

/** A place may be gone, or go; another may be asked for until too much of the body has been sent. The same bytes are stored once. */
async function sendSomewhere(gateway: Gateway, body: ReplayableBody, store: StoreName, signal: AbortSignal): Promise<StoredBody> {
  for (let attempt = 1; ; attempt += 1) {
    const located = await askStore(gateway, { store }, gateway.services.storage.locateUpload({ maxBytes: body.maxBytes, store }, { signal }));
    try {
      return await send(gateway, requireRecord(located.http), body, signal);
    } catch (error) {
      const mayTryAgain = error instanceof PlaceLost && body.isReplayable && attempt < MAX_ATTEMPTS;
      if (!mayTryAgain || signal.aborted) throw error;
    }
    await orAbort(sleep(PAUSE_MS * attempt), signal);
  }
}

async function send(gateway: Gateway, target: HttpTarget, body: ReplayableBody, signal: AbortSignal): Promise<StoredBody> {
  const headers: Record<string, string> = body.declaredBytes === undefined ? {} : { 'content-length': String(body.declaredBytes) };
  try {
    return await readAnswer(await gateway.lane.send(target, { method: 'PUT', headers, body, isAlone: true }, signal));
  } catch (error) {
    if (body.failure !== undefined) throw body.failure;
    if (error instanceof MediaError) throw error;
    signal.throwIfAborted();
    throw new PlaceLost(error);
  }
}

async function readAnswer(response: LaneResponse): Promise<StoredBody> {
  const answer = JSON.parse((await collectBytes(response.body, MAX_ANSWER_BYTES)).toString()) as Record<string, unknown>;
  if (response.status === 200) return { digest: parseDigest(String(answer['digest'])), sizeBytes: Number(answer['size_bytes']) };
  const reason = UPLOADERS_REASONS.find((known) => known === answer['reason']);
  if (reason !== undefined) throw new MediaError(reason, String(answer['message']));
  throw new PlaceLost(new Error(`storage answered ${response.status}: ${String(answer['reason'])}`));
}
