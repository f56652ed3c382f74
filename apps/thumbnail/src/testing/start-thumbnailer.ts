import type { Logger } from '@medley/telemetry/logger';
import { quietTelemetry } from '@medley/testing/telemetry';
import { DecoderPool } from '../decoder/decoder-pool.ts';
import { Maker } from '../maker.ts';
import { thumbnailMetrics } from '../metrics.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { Slots } from '../slots.ts';
import { Thumbnailer } from '../thumbnailer.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { LIMITS } from './thumbnails.ts';

export interface Bench {
  readonly thumbnailer: Thumbnailer;
  readonly blobs: MemoryBlobs;
  readonly slots: Slots;
}

export interface BenchOptions {
  readonly slots?: number;
  readonly maxQueued?: number;
  readonly timeoutMs?: number;
  /** Shared with another thumbnailer; by default there is nothing in them. */
  readonly blobs?: MemoryBlobs;
}

/** Decoder processes, and as many thumbnailers on them as a test needs. */
export interface StartedThumbnailer extends Disposable {
  fresh(options?: BenchOptions): Bench;
}

export function startThumbnailer({ log }: { readonly log: Logger }): StartedThumbnailer {
  const decoders = new DecoderPool(log, { sandbox: new Sandbox(), maxJobs: 500, maxMemoryBytes: LIMITS.maxMemoryBytes });
  return {
    fresh({ slots: count = 2, maxQueued = 8, timeoutMs = 20_000, blobs = new MemoryBlobs() } = {}) {
      const slots = new Slots({ slots: count, maxQueued, maxWaitMs: timeoutMs });
      const metrics = thumbnailMetrics(quietTelemetry().meter, slots);
      const maker = new Maker({ blobs, decoders, slots, limits: LIMITS, timeoutMs, metrics, log });
      return { thumbnailer: new Thumbnailer(blobs, (making) => maker.make(making)), blobs, slots };
    },
    [Symbol.dispose]: () => decoders[Symbol.dispose](),
  };
}
