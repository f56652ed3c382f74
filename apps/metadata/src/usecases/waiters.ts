import { MediaError } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { orAbort } from '@medley/streams/abort';
import { requireLive, type AvailableMedia, type MediaRecord } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';

/** What waiters need; the defaults are the real ones. */
export interface WaitersOptions {
  readonly find: MetadataStore['find'];
  readonly now?: () => number;
  /** Between two looks into the store, in milliseconds. */
  readonly pollMs?: number;
  readonly maxWaiters?: number;
}

type Answer = PromiseWithResolvers<AvailableMedia>;

interface Awaited {
  readonly uri: MxcUri;
  readonly answers: Set<Answer>;
}

const POLL_MS = 25;
const MAX_WAITERS = 10_000;
const RETRY_AFTER_MS = 1000;

/**
 * Those who wait for pending uploads. A commit by this process wakes them at once; those by others are found by one
 * look into the store for all of them together, every `pollMs` and only while somebody waits.
 */
export class Waiters {
  readonly #find: MetadataStore['find'];
  readonly #now: () => number;
  readonly #pollMs: number;
  readonly #maxWaiters: number;
  readonly #closing = new AbortController();
  readonly #awaited = new Map<string, Awaited>();
  #count = 0;
  #poll: NodeJS.Timeout | undefined;

  constructor({ find, now = Date.now, pollMs = POLL_MS, maxWaiters = MAX_WAITERS }: WaitersOptions) {
    this.#find = find;
    this.#now = now;
    this.#pollMs = pollMs;
    this.#maxWaiters = maxWaiters;
  }

  /**
   * The media once it is available. Throws NOT_YET_UPLOADED after `waitMs`, NOT_FOUND as soon as it is gone or has
   * lapsed, BUSY if too many wait already, what `find` throws, and the reason of `signal`.
   */
  async wait(uri: MxcUri, waitMs: number, signal: AbortSignal): Promise<AvailableMedia> {
    if (this.#closing.signal.aborted) throw stopping();
    if (this.#count >= this.#maxWaiters) {
      throw new MediaError('BUSY', 'Too many requests wait for uploads', { retryAfterMs: RETRY_AFTER_MS });
    }
    const answer: Answer = Promise.withResolvers();
    const leave = this.#enter(uri, answer);
    const timer = setTimeout(() => answer.reject(notYetUploaded()), waitMs);
    try {
      return await orAbort(answer.promise, signal);
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  /** Hands a media that has become available to those who wait for it. */
  wake(media: AvailableMedia): void {
    settle(this.#awaited.get(toMxcText(media.uri)), (answer) => answer.resolve(media));
  }

  /** Sends everybody away with SERVICE_UNAVAILABLE, and whoever comes later. */
  close(): void {
    this.#closing.abort();
    clearTimeout(this.#poll);
    for (const awaited of this.#awaited.values()) settle(awaited, (answer) => answer.reject(stopping()));
  }

  #enter(uri: MxcUri, answer: Answer): () => void {
    const name = toMxcText(uri);
    const awaited = this.#awaited.get(name) ?? { uri, answers: new Set() };
    this.#awaited.set(name, awaited);
    awaited.answers.add(answer);
    this.#count += 1;
    this.#poll ??= this.#pollLater();
    return () => {
      this.#count -= 1;
      awaited.answers.delete(answer);
      if (awaited.answers.size === 0) this.#awaited.delete(name);
    };
  }

  #pollLater(): NodeJS.Timeout {
    return setTimeout(() => void this.#pollOnce(), this.#pollMs);
  }

  async #pollOnce(): Promise<void> {
    const batch = [...this.#awaited.values()];
    if (batch.length > 0) await this.#look(batch);
    const isNeeded = this.#awaited.size > 0 && !this.#closing.signal.aborted;
    this.#poll = isNeeded ? this.#pollLater() : undefined;
  }

  async #look(batch: readonly Awaited[]): Promise<void> {
    try {
      const records = await this.#find(batch.map(({ uri }) => uri), this.#closing.signal);
      batch.forEach((awaited, index) => this.#tell(awaited, records[index]));
    } catch (error) {
      for (const awaited of batch) settle(awaited, (answer) => answer.reject(error));
    }
  }

  #tell(awaited: Awaited, record: MediaRecord | undefined): void {
    try {
      const live = requireLive(record, this.#now());
      if (live.state === 'available') settle(awaited, (answer) => answer.resolve(live));
    } catch (error) {
      settle(awaited, (answer) => answer.reject(error));
    }
  }
}

/** The answer for a media id that is still pending. */
export function notYetUploaded(): MediaError {
  return new MediaError('NOT_YET_UPLOADED', 'This media has not been uploaded yet');
}

function stopping(): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'The service is stopping', { retryAfterMs: RETRY_AFTER_MS });
}

function settle(awaited: Awaited | undefined, how: (answer: Answer) => void): void {
  awaited?.answers.forEach(how);
}
