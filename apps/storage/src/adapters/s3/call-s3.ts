import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import { toS3MediaError } from './s3-errors.ts';

const RETRY_DELAY_MS = 200;

/** Makes one request to S3. Fails with a MediaError where S3 or the way to it fails. */
export async function callS3<Value>(request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  try {
    return await orAbort(request(), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw toS3MediaError(error);
  }
}

/** As callS3, and once more after a passing failure: for requests that may be made twice. */
export async function callS3Twice<Value>(request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  try {
    return await callS3(request, signal);
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason !== 'SERVICE_UNAVAILABLE') throw error;
    await sleep(RETRY_DELAY_MS * (1 + Math.random()), undefined, { signal });
    return callS3(request, signal);
  }
}
