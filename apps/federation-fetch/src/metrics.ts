import { FETCH_OUTCOMES, type FetchOutcome } from '@medley/safe-fetch/fetch-policy';
import { measureOutcomes, type Measure } from '@medley/telemetry/measure';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { countOutcomes } from '@medley/telemetry/outcomes';
import type { Backoff } from './backoff.ts';
import type { Flights } from './media/flights.ts';
import type { SpoolSpace } from './media/spool-space.ts';
import type { Turns } from './media/turns.ts';

/** What counts while media is fetched. */
export interface FetchMetrics {
  /** Counts and times fetches; the outcome is `stored` or the reason one failed for. */
  readonly measure: Measure;
  onBytes(count: number): void;
}

export function fetchMetrics(meter: Meter): FetchMetrics {
  const duration = durationHistogram(meter, 'medley.federation_fetch.duration', 'How long fetching one media took, from its first request until it was stored');
  const bytes = meter.createCounter('medley.federation_fetch.bytes', { description: 'Bytes of media that came from other servers', unit: 'By' });
  bytes.add(0);
  return { measure: measureOutcomes(duration, 'stored', 'fetch remote media'), onBytes: (count) => bytes.add(count) };
}

/** Shows what is going on now. */
export function observeFetches(meter: Meter, parts: { flights: Flights; turns: Turns; space: SpoolSpace; backoff: Backoff }): void {
  const show = (name: string, description: string, read: () => number): void => {
    meter.createObservableGauge(`medley.federation_fetch.${name}`, { description }).addCallback((gauge) => gauge.observe(read()));
  };
  show('flights', 'Media that is being fetched', () => parts.flights.size);
  show('transfers', 'Servers that are asked, or send', () => parts.turns.running);
  show('queued', 'Fetches that wait for their turn', () => parts.turns.waiting);
  show('spool_bytes', 'Disk that media on its way takes', () => parts.space.usedBytes);
  show('backoffs', 'Servers that are left alone because they did not answer', () => parts.backoff.size);
}

/** Counts what goes out to the Internet: `answered`, or why not. */
export function countFetches(meter: Meter): (outcome: FetchOutcome) => void {
  return countOutcomes(meter, { name: 'medley.federation_fetch.requests', description: 'Requests to other servers, with their redirects, by how they went', label: 'outcome', values: FETCH_OUTCOMES });
}
