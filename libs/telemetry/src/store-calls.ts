import { durationHistogram, type Histogram, type Meter } from './metrics.ts';
import { inSpan, isTracing, openSpan, toErrorClass, type SpanSpec } from './spans.ts';

/** What keeps things for a service. */
export type StoreKind = 'mongodb' | 'sqlite' | 's3' | 'filesystem';

/** Few, since there are many operations. */
const BUCKETS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** Times the calls to one store, and makes each a span of the trace it belongs to. */
export class StoreCalls {
  readonly #store: StoreKind;
  readonly #duration: Histogram;

  constructor(meter: Meter, store: StoreKind) {
    this.#store = store;
    this.#duration = durationHistogram(meter, 'medley.store.duration', 'How long calls to the database, the object store or the blob folder took', BUCKETS_S);
  }

  /** Runs one call. `operation` comes from a closed set. Passes on what comes of it. */
  async time<Value>(operation: string, call: () => Promise<Value>): Promise<Value> {
    const startedAt = performance.now();
    let outcome = 'done';
    try {
      return await (isTracing() ? inSpan(this.#toSpan(operation), call) : call());
    } catch (error) {
      outcome = toErrorClass(error);
      throw error;
    } finally {
      this.record(operation, outcome, startedAt);
    }
  }

  /** The same for a call that answers at once. */
  timeSync<Value>(operation: string, call: () => Value): Value {
    const startedAt = performance.now();
    const span = openSpan(this.#toSpan(operation));
    let outcome = 'done';
    try {
      return call();
    } catch (error) {
      outcome = toErrorClass(error);
      span?.fail(error);
      throw error;
    } finally {
      span?.end();
      this.record(operation, outcome, startedAt);
    }
  }

  /** Notes a call that somebody else has timed; `startedAt` is of the monotonic clock, in milliseconds. */
  record(operation: string, outcome: string, startedAt: number): void {
    this.#duration.record((performance.now() - startedAt) / 1000, { store: this.#store, operation, outcome });
  }

  /** By OpenTelemetry's conventions for databases; an object store has none that are settled. */
  #toSpan(operation: string): SpanSpec {
    return { name: `${this.#store} ${operation}`, kind: 'client', facts: { 'db.system.name': this.#store, 'db.operation.name': operation } };
  }
}
