import type { Attributes } from '@opentelemetry/api';
import { sampledTraceId } from './spans.ts';

interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  readonly atMs: number;
}

type NoteExemplar = (value: number, attributes: Attributes) => void;

/** Remembers for each bucket of each histogram the last trace that fell into it: as many as there are series, no more. */
export class Exemplars {
  readonly #last = new Map<string, Exemplar>();

  /** What notes the exemplars of one histogram. It does nothing outside of a trace that is told. */
  of(name: string, buckets: readonly number[]): NoteExemplar {
    const family = toMetricName(name);
    return (value, attributes) => {
      const traceId = sampledTraceId();
      if (traceId === undefined) return;
      const bound = buckets.find((one) => value <= one);
      const labels = [...Object.entries(attributes), ['le', bound ?? '+Inf']].map(([key, one]) => `${toMetricName(String(key))}="${String(one)}"`);
      this.#last.set(`${family}_bucket{${labels.join(',')}}`, { traceId, value, atMs: Date.now() });
    };
  }

  /** What stands behind a sample in OpenMetrics' text; nothing for most. */
  behind(sample: string): string {
    const exemplar = this.#last.get(sample.slice(0, sample.lastIndexOf(' ')));
    return exemplar === undefined ? '' : ` # {trace_id="${exemplar.traceId}"} ${exemplar.value} ${exemplar.atMs / 1000}`;
  }
}

/** As the exporter writes the names of metrics and labels. */
function toMetricName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]+/g, '_');
}
