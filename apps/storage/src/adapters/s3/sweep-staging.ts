import { MediaError } from '@medley/domain/media-error';
import type { SweptStaging } from '../../ports/blob-store.ts';
import type { Bucket } from './bucket.ts';

export interface SweepOptions {
  /** What the names of unfinished uploads begin with. */
  readonly stagingPrefix: string;
  readonly begunBeforeMs: number;
  /** Count, and remove nothing. */
  readonly dryRun: boolean;
}

/** Aborts the multipart uploads and removes the objects that nobody finished. */
export async function sweepStaging(bucket: Bucket, options: SweepOptions, signal: AbortSignal): Promise<SweptStaging> {
  const { stagingPrefix, begunBeforeMs, dryRun } = options;
  let [removedCount, freedBytes] = [0, 0];
  for await (const { object, uploadId, begunAtMs } of bucket.listUploads(stagingPrefix, signal)) {
    if (begunAtMs >= begunBeforeMs) continue;
    if (!dryRun) await bucket.abortUpload(object, uploadId, signal).catch(forgiveNotFound);
    removedCount += 1;
  }
  for await (const { name, sizeBytes, storedAtMs } of bucket.list(stagingPrefix, '', signal)) {
    if (storedAtMs >= begunBeforeMs) continue;
    if (!dryRun) await bucket.remove(name, signal);
    removedCount += 1;
    freedBytes += sizeBytes;
  }
  return { removedCount, freedBytes };
}

/** For what is finished or gone already. */
export function forgiveNotFound(error: unknown): void {
  if (!(error instanceof MediaError) || error.reason !== 'NOT_FOUND') throw error;
}
