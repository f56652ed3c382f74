import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import type { Act } from '../domain/acts.ts';
import type { ActLog } from '../ports/act-log.ts';

/** What a feed needs; the defaults are the real ones. */
export interface ChangeFeedOptions {
  readonly acts: Pick<ActLog, 'position' | 'after'>;
  /** Between two looks into the log, in milliseconds. */
  readonly pollMs?: number;
  /** The longest silence, give or take one look, in milliseconds. */
  readonly aliveMs?: number;
}

/** What a watcher is told at once. */
export interface News {
  /** The sequence up to which everything has been told. */
  readonly position: number;
  /** In order; none in a sign of life. */
  readonly acts: readonly Act[];
}

const POLL_MS = 250;
const ALIVE_MS = 400;
const MAX_ACTS = 1000;
const RETRY_AFTER_MS = 1000;

/**
 * Tells watchers what is added to the log. Acts by this process are told at once; those by others are found by one look
 * for all watchers together, every `pollMs` and only while somebody watches. Nothing is said, not even a sign of life,
 * without a look that succeeded: so whoever has heard something lately has missed nothing.
 */
export class ChangeFeed {
  readonly #acts: ChangeFeedOptions['acts'];
  readonly #pollMs: number;
  readonly #aliveMs: number;
  readonly #closing = new AbortController();
  #woken = Promise.withResolvers<void>();
  #nextLook: Promise<number> | undefined;

  constructor({ acts, pollMs = POLL_MS, aliveMs = ALIVE_MS }: ChangeFeedOptions) {
    this.#acts = acts;
    this.#pollMs = pollMs;
    this.#aliveMs = aliveMs;
  }

  /**
   * Yields the present position and what came after `after` (by default, nothing) at once, and all else as it comes. A
   * position that the log has not reached, as after a restore, is answered with the log's own. Never ends by itself:
   * throws what the log throws, SERVICE_UNAVAILABLE when the feed closes, and the reason of `signal`.
   */
  async *watch(after: number | undefined, signal: AbortSignal): AsyncGenerator<News, never> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    let head = await this.#acts.position(stop);
    let position = Math.min(after ?? head, head);
    for (let toldAt = -Infinity; ;) {
      const acts = head > position ? await this.#acts.after(position, MAX_ACTS, stop) : [];
      position = acts.at(-1)?.sequence ?? position;
      if (acts.length > 0 || performance.now() - toldAt >= this.#aliveMs) {
        yield { position, acts };
        toldAt = performance.now();
      }
      if (acts.length < MAX_ACTS) head = await orAbort(this.#nextLook ??= this.#look(), stop);
    }
  }

  /** Makes the next look be now: this process has added to the log. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Sends all watchers away, and whoever comes later. */
  close(): void {
    this.#closing.abort(new MediaError('SERVICE_UNAVAILABLE', 'The service is stopping', { retryAfterMs: RETRY_AFTER_MS }));
    this.wake();
  }

  /** Waits for its time, and answers the position. Whoever comes while it looks needs another look. */
  async #look(): Promise<number> {
    const timer = setTimeout(() => this.wake(), this.#pollMs);
    await this.#woken.promise;
    clearTimeout(timer);
    this.#woken = Promise.withResolvers();
    this.#nextLook = undefined;
    return this.#acts.position(this.#closing.signal);
  }
}
