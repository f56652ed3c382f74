import type { Meter } from '@medley/telemetry/metrics';

/** What a cache tells of itself. */
export interface Counted {
  readonly lookups: Lookups;
  /** What it holds now; absent where that is counted in entries. */
  readonly usedBytes?: number;
}

/** How often something was there, and how often not. */
export class Lookups {
  hits = 0;
  misses = 0;

  /** Counts one look-up, and passes on what it found. */
  count<Value>(found: Value | undefined): Value | undefined {
    if (found === undefined) this.misses += 1;
    else this.hits += 1;
    return found;
  }
}

/** Shows how the caches do, by their names. */
export function observeCaches(meter: Meter, caches: Readonly<Record<string, Counted>>): void {
  meter.createObservableCounter('medley.gateway.cache.lookups', { description: 'Look-ups in the caches of the gateway' }).addCallback((counter) => {
    for (const [cache, { lookups }] of Object.entries(caches)) {
      counter.observe(lookups.hits, { cache, result: 'hit' });
      counter.observe(lookups.misses, { cache, result: 'miss' });
    }
  });
  meter.createObservableGauge('medley.gateway.cache.bytes', { description: 'Memory that the caches of the gateway take', unit: 'By' }).addCallback((gauge) => {
    for (const [cache, { usedBytes }] of Object.entries(caches)) if (usedBytes !== undefined) gauge.observe(usedBytes, { cache });
  });
}
