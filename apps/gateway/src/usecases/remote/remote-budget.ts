import { MediaError } from '@medley/domain/media-error';
import { MediaKind } from '@medley/proto/metadata/media';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import type { Services } from '../../services.ts';

export interface RemoteBudgetOptions {
  readonly metadata: Pick<Services['metadata'], 'getUsage'>;
  /** `retention.max_remote_bytes`; 0: no limit. */
  readonly maxBytes: number;
  readonly log: Logger;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/** Retention brings copies of other servers' media back to the limit from time to time; meanwhile so much more is let in. */
const SLACK = 1.1;
const MEASURED_EVERY_MS = 60_000;
/** It reads every record of such media. */
const MEASURE_TIMEOUT_MS = 60_000;

/**
 * Keeps other servers' media from filling the disk: nothing more is fetched once what is recorded, as far as metadata has told, and
 * what this gateway has fetched since and is fetching now lie a tenth above `retention.max_remote_bytes`.
 */
export class RemoteBudget {
  readonly #options: Required<RemoteBudgetOptions>;
  readonly #flight = new SingleFlight<void>();
  #measuredBytes: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Recorded since it was measured. */
  #keptBytes = 0;
  #arrivingBytes = 0;
  #isFull = false;
  #refusedCount = 0;

  constructor(options: RemoteBudgetOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  /** What is believed to be there; unknown before it was measured. */
  get bytes(): number | undefined {
    return this.#measuredBytes === undefined ? undefined : this.#measuredBytes + this.#keptBytes + this.#arrivingBytes;
  }

  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Begins a fetch. Fails with STORAGE_FULL where there is no room, and as GetUsage does where that was never answered. */
  async open(signal: AbortSignal): Promise<Intake> {
    if (this.#options.maxBytes === 0) return NOTHING_TAKEN;
    await this.#refresh(signal);
    this.#tellIfNew();
    if (this.#isOver) {
      this.#refusedCount += 1;
      throw new MediaError('STORAGE_FULL', 'There is no room for more media of other servers');
    }
    return new BudgetIntake((bytes) => (this.#arrivingBytes += bytes), (bytes) => (this.#keptBytes += bytes));
  }

  get #isOver(): boolean {
    return this.bytes === undefined || this.bytes > this.#options.maxBytes * SLACK;
  }

  /** Nobody waits for a new measure who is let in by the old one. */
  async #refresh(signal: AbortSignal): Promise<void> {
    const isFresh = this.#options.now() - this.#askedAt < MEASURED_EVERY_MS && this.#measuredBytes !== undefined;
    if (isFresh) return;
    const measured = this.#flight.run('measure', () => this.#measure());
    if (this.#isOver) await orAbort(measured, signal);
  }

  /** Where it fails the old measure goes on to hold, and what was fetched since to be added. */
  async #measure(): Promise<void> {
    const { metadata, log, now } = this.#options;
    this.#askedAt = now();
    const keptBefore = this.#keptBytes;
    try {
      const { mediaBytes } = await metadata.getUsage({ filter: { kinds: [MediaKind.REMOTE], origins: [], userIds: [] } }, { timeoutMs: MEASURE_TIMEOUT_MS });
      this.#measuredBytes = mediaBytes;
      this.#keptBytes -= keptBefore;
    } catch (error) {
      if (this.#measuredBytes === undefined) throw error;
      log.warn({ err: error }, 'how much media of other servers there is can’t be found out');
    }
  }

  #tellIfNew(): void {
    if (this.#isOver === this.#isFull) return;
    this.#isFull = this.#isOver;
    const { log, maxBytes } = this.#options;
    if (this.#isFull) log.warn({ remoteBytes: this.bytes, maxBytes }, 'media of other servers is not fetched any more: there is no room for it');
    else log.info({ remoteBytes: this.bytes, maxBytes }, 'media of other servers is fetched again');
  }
}

/** What one fetch adds. */
export interface Intake {
  /** Says how much it is, as far as that is known by now. */
  settle(bytes: number): void;
  /** Says that it has ended, and whether what has come is recorded. */
  end(isKept: boolean): void;
}

/** Of a fetch that adds nothing to what is counted. */
export const NOTHING_TAKEN: Intake = { settle: () => {}, end: () => {} };

class BudgetIntake implements Intake {
  readonly #arrive: (bytes: number) => void;
  readonly #keep: (bytes: number) => void;
  #bytes = 0;

  constructor(arrive: (bytes: number) => void, keep: (bytes: number) => void) {
    this.#arrive = arrive;
    this.#keep = keep;
  }

  settle(bytes: number): void {
    this.#arrive(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  end(isKept: boolean): void {
    if (isKept) this.#keep(this.#bytes);
    this.settle(0);
  }
}

/** Shows how much there is, and what was refused for that. */
export function observeRemoteBudget(meter: Meter, budget: RemoteBudget): void {
  meter
    .createObservableGauge('medley.gateway.remote.bytes', { description: 'Media of other servers that is kept, as far as this gateway knows', unit: 'By' })
    .addCallback((gauge) => {
      if (budget.bytes !== undefined) gauge.observe(budget.bytes);
    });
  meter
    .createObservableCounter('medley.gateway.remote.refused', { description: 'Fetches from other servers refused because retention.max_remote_bytes is exceeded' })
    .addCallback((counter) => counter.observe(budget.refusedCount));
}
