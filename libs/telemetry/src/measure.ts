import { MediaError } from '@medley/domain/media-error';
import type { Histogram } from './metrics.ts';

/** Times a piece of work and passes on what comes of it. */
export type Measure = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Records how long work took, in seconds; its outcome is `success`, or the reason it failed for. */
export function measureOutcomes(duration: Histogram, success: string): Measure {
  return async function measure(work) {
    const startedAt = performance.now();
    let outcome = success;
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof MediaError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      duration.record((performance.now() - startedAt) / 1000, { outcome });
    }
  };
}
