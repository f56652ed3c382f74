import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';
import { STALE_STAGING_MS } from '../../staging-age.ts';
import type { Bucket } from './bucket.ts';
import { errorCode } from './s3-errors.ts';
import { sweepStaging } from './sweep-staging.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

export interface PrepareOptions {
  readonly bucket: Bucket;
  readonly region: string;
  /** What the names of unfinished uploads begin with. */
  readonly stagingPrefix: string;
  readonly log: Logger;
}

/** Makes the bucket if it is missing and clears away what crashes left; keeps trying until S3 answers. Ends, too, when `signal` aborts. */
export async function prepareBucket(options: PrepareOptions, signal: AbortSignal): Promise<void> {
  for (let delayMs = FIRST_DELAY_MS; !signal.aborted; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
    try {
      await ensureBucket(options, signal);
      await sweepStale(options, signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      options.log.warn({ why: String(error), retryInMs: delayMs }, 'the bucket is not ready');
    }
    // An abort ends the loop itself.
    await sleep(delayMs, undefined, { signal }).catch(() => {});
  }
}

async function ensureBucket({ bucket, region, log }: PrepareOptions, signal: AbortSignal): Promise<void> {
  try {
    if (await bucket.exists(signal)) return;
    await bucket.make(region, signal);
    log.info('made the bucket');
  } catch (error) {
    if (isDenied(error)) log.warn('may not look for the bucket, or make it; taking it as there');
    else if (errorCode(error) !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

async function sweepStale({ bucket, stagingPrefix, log }: PrepareOptions, signal: AbortSignal): Promise<void> {
  try {
    const swept = await sweepStaging(bucket, { stagingPrefix, begunBeforeMs: Date.now() - STALE_STAGING_MS, dryRun: false }, signal);
    if (swept.removedCount > 0) log.info(swept, 'removed stale uploads');
  } catch (error) {
    if (!isDenied(error)) throw error;
    log.warn('may not list the bucket; unfinished uploads of crashed processes stay there');
  }
}

/** Whether S3 refused a request for want of permission: a service may live with less than all of them. */
export function isDenied(error: unknown): boolean {
  return error instanceof MediaError && errorCode(error.cause) === 'AccessDenied';
}
