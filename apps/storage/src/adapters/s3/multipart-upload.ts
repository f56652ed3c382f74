import type { Logger } from '@medley/telemetry/logger';
import type { Bucket, SentPart } from './bucket.ts';
import type { Part } from './part-reader.ts';

const CLEANUP_TIMEOUT_MS = 10_000;

/**
 * An object in the making, under a name of its own: parts are sent one at a time while the caller gathers the next.
 * Disposing of it takes away whatever S3 holds of it.
 */
export class MultipartUpload implements AsyncDisposable {
  readonly #bucket: Bucket;
  readonly #object: string;
  readonly #id: string;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #sent: SentPart[] = [];
  #sending: Promise<void> = Promise.resolve();
  #isComplete = false;

  private constructor(bucket: Bucket, object: string, id: string, log: Logger, signal: AbortSignal) {
    this.#bucket = bucket;
    this.#object = object;
    this.#id = id;
    this.#log = log;
    this.#signal = signal;
  }

  static async begin(bucket: Bucket, object: string, log: Logger, signal: AbortSignal): Promise<MultipartUpload> {
    return new MultipartUpload(bucket, object, await bucket.beginUpload(object, signal), log, signal);
  }

  /** Begins to send a part once the one before has been acknowledged, and does not wait for the end. Fails if one before failed. */
  async send(part: Part): Promise<void> {
    await this.#sending;
    this.#sending = this.#sendNow(part);
    // Whoever sends next or completes hears of it; if the source fails before, its own failure is the one that counts.
    this.#sending.catch(() => {});
  }

  /** Makes one object of the parts. */
  async complete(): Promise<void> {
    await this.#sending;
    await this.#bucket.completeUpload(this.#object, this.#id, this.#sent, this.#signal);
    this.#isComplete = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A part that arrives after its upload was aborted would stay for ever.
    await this.#sending.catch(() => {});
    const signal = AbortSignal.timeout(CLEANUP_TIMEOUT_MS);
    try {
      if (!this.#isComplete) await this.#bucket.abortUpload(this.#object, this.#id, signal);
      await this.#bucket.remove(this.#object, signal);
    } catch (error) {
      // The blob itself is stored or has failed already; what stays here is swept later.
      this.#log.warn({ err: error, object: this.#object }, 'could not clear an unfinished upload');
    }
  }

  async #sendNow(part: Part): Promise<void> {
    const number = this.#sent.length + 1;
    const etag = await this.#bucket.put(this.#object, part, this.#signal, { id: this.#id, part: number });
    this.#sent.push({ part: number, etag });
  }
}
