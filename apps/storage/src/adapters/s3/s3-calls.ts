import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import type { Logger } from '@medley/telemetry/logger';
import type { StoreCalls } from '@medley/telemetry/store-calls';
import { toS3MediaError } from './s3-errors.ts';

const RETRY_DELAY_MS = 200;

/** Makes requests to S3, translates their failures and logs those that an operator may have to mend. */
export class S3Calls {
  readonly #log: Logger;
  readonly #calls: StoreCalls | undefined;

  constructor(log: Logger, calls: StoreCalls | undefined) {
    this.#log = log;
    this.#calls = calls;
  }

  /** Makes one request; `operation` names it for those who count. Fails with a MediaError where S3 or the way to it fails, and with the signal's reason when it aborts. */
  async once<Value>(operation: string, request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    try {
      return await orAbort(this.#calls?.time(operation, request) ?? request(), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#translate(error);
    }
  }

  /** The same, and once more after a passing failure: for requests that may be made twice. */
  async twice<Value>(operation: string, request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    try {
      return await this.once(operation, request, signal);
    } catch (error) {
      if (!(error instanceof MediaError) || error.reason !== 'SERVICE_UNAVAILABLE') throw error;
      await sleep(RETRY_DELAY_MS * (1 + Math.random()), undefined, { signal });
      return this.once(operation, request, signal);
    }
  }

  #translate(error: unknown): unknown {
    const translated = toS3MediaError(error);
    if (translated instanceof MediaError && ['SERVICE_UNAVAILABLE', 'STORAGE_FULL'].includes(translated.reason)) {
      this.#log.warn({ err: error }, 'a request to S3 failed');
    }
    return translated;
  }
}
