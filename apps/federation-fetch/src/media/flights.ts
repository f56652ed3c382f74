import type { FederationConfig } from '@medley/config/federation';
import { MediaError } from '@medley/domain/media-error';
import type { StoredMedia } from '@medley/proto/federation-fetch';
import type { Logger } from '@medley/telemetry/logger';
import type { Measure } from '@medley/telemetry/measure';
import { Lru } from '../lru.ts';
import { fetchFailed } from './fetch-failed.ts';
import { Flight, type FlightParts } from './flight.ts';
import { keyOf, type MediaRequest } from './media-request.ts';

export interface FlightsOptions extends FlightParts {
  readonly config: FlightParts['config'] & Pick<FederationConfig, 'unread_grace' | 'not_found_lifetime'>;
  readonly measure: Measure;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** A flight as one of its callers holds it, until it is disposed of. */
export interface Boarded extends Disposable {
  readonly flight: Flight;
}

interface Entry {
  readonly flight: Flight;
  callers: number;
  isOver: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** One that has ended well can be joined for so long, while its callers make a record of it. */
const LINGER_MS = 10_000;
const MAX_MISSING = 10_000;
/** What is logged of a cause, which holds what strangers said. */
const MAX_CAUSE = 400;

/** One flight for each media at a time. */
export class Flights implements AsyncDisposable {
  readonly #options: FlightsOptions;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Media that its server did not know, and until when it is believed. */
  readonly #missing = new Lru<number>(MAX_MISSING);

  constructor(options: FlightsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    options.space.makeRoom = () => this.#retireIdle();
  }

  /** Flights that are not over. */
  get size(): number {
    return [...this.#entries.values()].filter(({ isOver }) => !isOver).length;
  }

  /** Joins the flight of this media, or begins one. Fails with NOT_FOUND where its server has said so lately. */
  board(request: MediaRequest, maxBytes: number): Boarded {
    const key = keyOf(request);
    if ((this.#missing.get(key) ?? 0) > this.#now()) throw new MediaError('NOT_FOUND', 'Media not found');
    return this.#enter(key, this.#entries.get(key) ?? this.#begin(key, request, maxBytes), maxBytes);
  }

  /** Joins the flight of this media. Fails with FETCH_FAILED where there is none. */
  join(request: MediaRequest, maxBytes: number): Boarded {
    const key = keyOf(request);
    const entry = this.#entries.get(key);
    if (entry === undefined) throw fetchFailed('The media is not on its way any more');
    return this.#enter(key, entry, maxBytes);
  }

  #enter(key: string, entry: Entry, maxBytes: number): Boarded {
    entry.flight.allow(maxBytes);
    entry.callers += 1;
    clearTimeout(entry.timer);
    let isGone = false;
    return {
      flight: entry.flight,
      [Symbol.dispose]: () => {
        if (!isGone) this.#leave(key, entry);
        isGone = true;
      },
    };
  }

  /** Gives up all flights. */
  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries];
    for (const [key, entry] of entries) {
      entry.flight.abort(new MediaError('SERVICE_UNAVAILABLE', 'The service is stopping'));
      this.#retire(key, entry);
    }
    await Promise.allSettled(entries.map(([, { flight }]) => flight.stored));
  }

  #begin(key: string, request: MediaRequest, maxBytes: number): Entry {
    const flight = new Flight(request, maxBytes, this.#options);
    const entry: Entry = { flight, callers: 0, isOver: false, timer: undefined };
    this.#entries.set(key, entry);
    void this.#watch(key, entry);
    return entry;
  }

  async #watch(key: string, entry: Entry): Promise<void> {
    const { measure, log, config } = this.#options;
    const isStored = await measure<StoredMedia>(() => entry.flight.stored).then(() => true, (error: unknown) => {
      const { origin } = entry.flight.request;
      if (!(error instanceof MediaError)) log.error({ err: error, origin }, 'fetching remote media failed unexpectedly');
      else log.info({ origin, reason: error.reason, cause: String(error.cause ?? '').slice(0, MAX_CAUSE) }, 'remote media was not fetched');
      if (error instanceof MediaError && error.reason === 'NOT_FOUND') this.#missing.set(key, this.#now() + config.not_found_lifetime);
      return false;
    });
    entry.isOver = true;
    if (!isStored) this.#retire(key, entry);
    else if (entry.callers === 0) this.#retireAfter(LINGER_MS, key, entry);
  }

  #leave(key: string, entry: Entry): void {
    entry.callers -= 1;
    if (entry.callers > 0) return;
    if (this.#entries.get(key) !== entry) entry.flight.close();
    else this.#retireAfter(entry.isOver ? LINGER_MS : this.#options.config.unread_grace, key, entry);
  }

  #retireAfter(ms: number, key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.#retire(key, entry), ms).unref();
  }

  /** Nobody joins it any more; who has joined reads on. */
  #retire(key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    if (entry.callers > 0) return;
    entry.flight.abort(new MediaError('TIMED_OUT', 'Nobody waits for the media any more'));
    entry.flight.close();
  }

  #retireIdle(): void {
    for (const [key, entry] of this.#entries) if (entry.isOver && entry.callers === 0) this.#retire(key, entry);
  }
}
