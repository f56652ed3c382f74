import { MediaError } from '@medley/domain/media-error';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { Logger } from '@medley/telemetry/logger';
import type { Bucket, SentPart } from './bucket.ts';
import type { Part } from './part-reader.ts';
import { forgiveNotFound } from './sweep-staging.ts';

const CLEANUP_TIMEOUT_MS = 10_000;

/**
 * An object in the making, under a name of its own: parts are sent one at a time while the caller gathers the next.
 * Begins with the first part. Disposing of it takes away whatever S3 holds of it.
 */
export class MultipartUpload implements AsyncDisposable {
  readonly #bucket: Bucket;
  readonly #object: string;
  readonly #log: Logger;
  readonly #cancel = new AbortController();
  readonly #signal: AbortSignal;
  readonly #sent: SentPart[] = [];
  #id: string | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isComplete = false;

  constructor(bucket: Bucket, object: string, log: Logger, signal: AbortSignal) {
    this.#bucket = bucket;
    this.#object = object;
    this.#log = log;
    this.#signal = AbortSignal.any([signal, this.#cancel.signal]);
  }

  get hasBegun(): boolean {
    return this.#id !== undefined;
  }

  /** Begins to send a part once the one before has been acknowledged, and does not wait for its end; releases it then. Fails if the one before failed. */
  async send(part: Part): Promise<void> {
    try {
      this.#id ??= await this.#bucket.beginUpload(this.#object, this.#signal);
      await this.#sending;
    } catch (error) {
      part.release(false);
      throw error;
    }
    this.#sending = this.#sendNow(this.#id, part);
    // Whoever sends next or completes hears of it; if the source fails before, its own failure is the one that counts.
    this.#sending.catch(() => {});
  }

  /** Makes one object of the parts, checks that it is as large as it must be, and copies it to its place in one step. */
  async complete(target: string, sizeBytes: number): Promise<void> {
    await this.#sending;
    await faultPoint('storage.put.staged');
    // Whether it was completed is seen by the object itself.
    await this.#bucket.completeUpload(this.#object, this.#id ?? '', this.#sent, this.#signal).catch(forgiveNotFound);
    this.#isComplete = true;
    const storedBytes = await this.#bucket.stat(this.#object, this.#signal).catch(throwLost);
    if (storedBytes !== sizeBytes) throw new MediaError('BLOB_CORRUPT', `Stored ${storedBytes} bytes where ${sizeBytes} were sent`);
    await this.#bucket.copy(this.#object, target, this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#id === undefined) return;
    this.#cancel.abort();
    // A part that arrived after its upload was aborted would stay for ever.
    await this.#sending.catch(() => {});
    try {
      await this.#clear(this.#id, AbortSignal.timeout(CLEANUP_TIMEOUT_MS));
    } catch (error) {
      // The blob is stored, or has failed for a reason of its own; what stays behind is swept later.
      this.#log.warn({ err: error, object: this.#object }, 'could not clear an unfinished upload');
    }
  }

  async #sendNow(id: string, part: Part): Promise<void> {
    const number = this.#sent.length + 1;
    const etag = await this.#bucket.putAndRelease(this.#object, part, this.#signal, { id, part: number }).catch(throwLost);
    this.#sent.push({ part: number, etag });
    if (number === 1) await faultPoint('storage.put.mid-stream');
  }

  async #clear(id: string, signal: AbortSignal): Promise<void> {
    if (!this.#isComplete) await this.#bucket.abortUpload(this.#object, id, signal).catch(forgiveNotFound);
    // Also when completing failed: S3 may have completed it all the same.
    await this.#bucket.remove(this.#object, signal);
  }
}

/** Somebody swept it while it was under way; its sender may try again. */
function throwLost(cause: unknown): never {
  forgiveNotFound(cause);
  throw new MediaError('SERVICE_UNAVAILABLE', 'The object store has lost an upload', { cause, retryAfterMs: 1000 });
}
