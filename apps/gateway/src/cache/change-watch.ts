import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@medley/telemetry/logger';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Change } from '@medley/proto/metadata/moderation';
import type { Services } from '../services.ts';
import type { KnownChanges } from './known-changes.ts';

/** The stream speaks at least every second; one that does not is lost, whatever its connection says. */
const SILENT_AFTER_MS = 3000;
/** A stream is begun anew now and then, so that it finds new replicas. */
const STREAM_MS = 3_600_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/** Follows the changes that metadata tells of, for as long as it is not disposed of: a stream that ends is taken up where it ended. */
export class ChangeWatch implements AsyncDisposable {
  readonly #metadata: Pick<Services['metadata'], 'watchChanges'>;
  readonly #changes: KnownChanges;
  readonly #log: Logger;
  readonly #onChanges: (changes: readonly Change[]) => void;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #isConnected = false;

  /** `onChanges` is told whatever has happened. */
  constructor(metadata: Pick<Services['metadata'], 'watchChanges'>, changes: KnownChanges, log: Logger, onChanges: (changes: readonly Change[]) => void = () => {}) {
    this.#metadata = metadata;
    this.#changes = changes;
    this.#log = log;
    this.#onChanges = onChanges;
    this.#ended = this.#follow();
  }

  /** Whether a stream is open on which something was heard. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    let hasWarned = false;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      this.#isConnected = false;
      const failure = await this.#listen().catch((error: unknown) => error);
      if (this.#isConnected) pauseMs = FIRST_PAUSE_MS;
      else if (!hasWarned && !signal.aborted) this.#log.warn({ err: failure }, 'changes of records can’t be followed');
      hasWarned = !this.#isConnected;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Hears one stream to its end. */
  async #listen(): Promise<void> {
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), SILENT_AFTER_MS);
    const signal = AbortSignal.any([this.#stopping.signal, silent.signal]);
    try {
      for await (const told of this.#metadata.watchChanges({ after: this.#changes.position }, { signal, timeoutMs: STREAM_MS })) {
        this.#changes.hear(told);
        if (told.changes.length > 0) this.#onChanges(told.changes);
        this.#isConnected = true;
        timer.refresh();
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Times how long it took from an act to the moment this gateway heard of it, which is when it bites here; by the clocks of
 * two machines, so a little may be wrong.
 */
export function timeChanges(meter: Meter): (changes: readonly Change[]) => void {
  const delay = durationHistogram(meter, 'medley.gateway.changes.delay', 'How long after a quarantine, a deletion or the like this gateway heard of it');
  return (changes) => {
    for (const { atMs } of changes) if (atMs > 0) delay.record(Math.max(0, Date.now() - atMs) / 1000);
  };
}

/** Shows whether changes are heard of. */
export function observeChangeWatch(meter: Meter, watch: ChangeWatch, changes: KnownChanges): void {
  meter
    .createObservableGauge('medley.gateway.changes.connected', { description: 'Whether changes of records are being followed (1) or not (0)' })
    .addCallback((gauge) => gauge.observe(watch.isConnected ? 1 : 0));
  meter
    .createObservableGauge('medley.gateway.changes.age', { description: 'How long ago anything was heard of changes of records', unit: 's' })
    .addCallback((gauge) => {
      if (changes.position !== undefined) gauge.observe(changes.ageMs / 1000);
    });
}
