import { setTimeout as sleep } from 'node:timers/promises';
import { parseDigest, type Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { HttpTarget, LaneResponse } from '@medley/byte-lane/byte-lane';
import { orAbort } from '@medley/streams/abort';
import { collectBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import type { RequestBody } from '../http/parse/request-body.ts';
import { requireRecord } from './require-record.ts';

export interface StoredBody {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What an uploader is told as it is; all else (a link that expired meanwhile) is between us and storage. */
const UPLOADERS_REASONS = ['TOO_LARGE', 'STORAGE_FULL', 'UPLOAD_INCOMPLETE', 'REQUEST_TIMEOUT', 'SERVICE_UNAVAILABLE', 'BUSY'] as const;
const MAX_ANSWER_BYTES = 16 * 1024;

/** How often a place for a body is asked for while none of it has been sent. */
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 200;

/**
 * Streams a body into storage and returns once it is durable there. All or nothing: whatever fails or stops on the
 * way, nothing is stored under a name that anybody knows. Fails with REQUEST_TIMEOUT when it takes longer than
 * `uploads.max_duration`.
 */
export async function storeBody(gateway: Gateway, body: RequestBody, signal: AbortSignal): Promise<StoredBody> {
  using limit = new TimeLimit(gateway.config.uploads.max_duration);
  const counted = new CountedBody(body);
  const stored = await sendSomewhere(gateway, counted, AbortSignal.any([signal, limit.signal])).catch((error: unknown) => {
    limit.signal.throwIfAborted();
    throw error;
  });
  if (stored.sizeBytes !== counted.sizeBytes) {
    throw new MediaError('UPLOAD_INCOMPLETE', `Stored ${stored.sizeBytes} of ${counted.sizeBytes} bytes`);
  }
  return stored;
}

/** A place may be gone before anything was sent there; once some of the body is, there is no second try. */
async function sendSomewhere(gateway: Gateway, body: CountedBody, signal: AbortSignal): Promise<StoredBody> {
  for (let attempt = 1; ; attempt += 1) {
    const located = await gateway.services.storage.locateUpload({ maxBytes: gateway.config.uploads.max_bytes }, { signal });
    try {
      return await send(gateway, requireRecord(located.http), body, signal);
    } catch (error) {
      if (body.isBegun || signal.aborted || attempt === MAX_ATTEMPTS) throw error;
    }
    await orAbort(sleep(PAUSE_MS * attempt), signal);
  }
}

async function send(gateway: Gateway, target: HttpTarget, body: CountedBody, signal: AbortSignal): Promise<StoredBody> {
  const headers: Record<string, string> = body.declaredBytes === undefined ? {} : { 'content-length': String(body.declaredBytes) };
  try {
    return await readAnswer(await gateway.lane.send(target, { method: 'PUT', headers, body }, signal));
  } catch (error) {
    if (body.failure !== undefined) throw body.failure;
    if (error instanceof MediaError) throw error;
    signal.throwIfAborted();
    throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: error, retryAfterMs: 1000 });
  }
}

async function readAnswer(response: LaneResponse): Promise<StoredBody> {
  const answer = JSON.parse((await collectBytes(response.body, MAX_ANSWER_BYTES)).toString()) as Record<string, unknown>;
  if (response.status === 200) return { digest: parseDigest(String(answer['digest'])), sizeBytes: Number(answer['size_bytes']) };
  const reason = UPLOADERS_REASONS.find((known) => known === answer['reason']);
  if (reason !== undefined) throw new MediaError(reason, String(answer['message']));
  const cause = new Error(`storage answered ${response.status}: ${String(answer['reason'])}`);
  throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause, retryAfterMs: 1000 });
}

/** What a timer can wait for at most. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Aborts its signal with REQUEST_TIMEOUT unless it is disposed of in time. */
class TimeLimit implements Disposable {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    const error = new MediaError('REQUEST_TIMEOUT', `The upload took longer than ${ms} ms`);
    this.#timer = setTimeout(() => this.#over.abort(error), Math.min(ms, MAX_TIMER_MS));
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Counts what was sent and remembers why the source failed: to the peer that is only a cut connection. */
class CountedBody implements AsyncIterable<Uint8Array> {
  sizeBytes = 0;
  /** Whether anybody has begun to read it: it can be read once. */
  isBegun = false;
  failure: MediaError | undefined;
  readonly declaredBytes: number | undefined;
  readonly #source: ByteStream;

  constructor({ declaredBytes, bytes }: RequestBody) {
    this.declaredBytes = declaredBytes;
    this.#source = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.isBegun = true;
    try {
      for await (const chunk of this.#source) {
        this.sizeBytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof MediaError) this.failure = error;
      throw error;
    }
  }
}
