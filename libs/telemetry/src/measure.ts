import { MediaError } from '@medley/domain/media-error';
import type { Histogram } from './metrics.ts';
import { inSpan } from './spans.ts';

/** Times a piece of work and passes on what comes of it. */
export type Measure = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Records how long work took, in seconds; its outcome is `success`, or the reason it failed for. It is a span of this name. */
export function measureOutcomes(duration: Histogram, success: string, spanName: string): Measure {
  return async function measure(work) {
    const startedAt = performance.now();
    let outcome = success;
    try {
      return await inSpan({ name: spanName }, work);
    } catch (error) {
      outcome = error instanceof MediaError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      duration.record((performance.now() - startedAt) / 1000, { outcome });
    }
  };
}
