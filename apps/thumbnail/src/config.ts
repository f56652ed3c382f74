import { availableParallelism } from 'node:os';
import type { GrpcConfig, MedleyConfig } from '@medley/config/schema';
import type { SourceLimits } from './pipeline/limit.ts';
import type { SlotOptions } from './slots.ts';

/** What the thumbnail service takes from the configuration. */
export interface ThumbnailServiceConfig {
  readonly grpc: Pick<GrpcConfig, 'listen' | 'storage' | 'token' | 'tls'>;
  readonly slots: SlotOptions;
  readonly limits: SourceLimits;
  /** A decoder process that did so many jobs is replaced. */
  readonly maxJobs: number;
  /** Whether external programs are used where they are found. */
  readonly useTools: boolean;
  readonly maxSourceBytes: number;
  /** How long waiting for a slot, reading and decoding one source may take together. */
  readonly timeoutMs: number;
  /** Whether the blob folder is mounted here at the same path. */
  readonly acceptPath: boolean;
}

/**
 * Takes the service's part. The configured timeout covers waiting and working; waiting may take no more than half of
 * it, so that an image which is cut had its fair time, however long the queue was.
 */
export function readThumbnailConfig({ grpc, storage, thumbnails }: MedleyConfig): ThumbnailServiceConfig {
  return {
    grpc,
    slots: { slots: thumbnails.slots || availableParallelism(), maxQueued: thumbnails.max_queued, maxWaitMs: Math.ceil(thumbnails.timeout / 2) },
    limits: { maxPixels: thumbnails.max_source_pixels, maxFrames: thumbnails.max_frames, maxScans: thumbnails.max_scans, maxMemoryBytes: thumbnails.max_memory },
    maxJobs: thumbnails.max_jobs,
    useTools: thumbnails.tools === 'auto',
    maxSourceBytes: thumbnails.max_source_bytes,
    timeoutMs: thumbnails.timeout,
    acceptPath: storage.kind === 'filesystem' && storage.shared,
  };
}
