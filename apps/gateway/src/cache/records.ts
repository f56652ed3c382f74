import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { MediaState, type MediaContent, type MediaRecord } from '@medley/proto/metadata/media';
import { orAbort } from '@medley/streams/abort';
import { Batcher } from '@medley/streams/batcher';
import { LRUCache } from 'lru-cache';
import type { Services } from '../services.ts';
import { Lookups } from './lookups.ts';
import type { KnownChanges, Sighting } from './known-changes.ts';

/** A record whose bytes have come. */
export type AvailableMedia = MediaRecord & { readonly content: MediaContent };

/** A record as it was when it was looked up. */
export interface SeenRecord extends Sighting {
  readonly record: MediaRecord;
}

/** What is known of a media that may have no record. */
export interface Finding {
  readonly seen: SeenRecord | undefined;
  /** Whether it is hidden from everyone though it is not here. */
  readonly isBanned: boolean;
}

interface Answer {
  readonly record: MediaRecord | undefined;
  readonly asOf: number;
  readonly isBanned: boolean;
}

const MAX_BATCH = 500;
const LOOKUP_TIMEOUT_MS = 5000;
/** Beyond what metadata may wait itself. */
const CALL_MARGIN_MS = 2000;
/** How often somebody who waits is sent to another replica. */
const MAX_WAITS = 3;
const PAUSE_MS = 200;
/** How often a look-up is made again because something happened to the media meanwhile. */
const MAX_ATTEMPTS = 5;

/** Keeps records of media whose bytes have come, as long as nothing happens to it, and asks for all others in batches. */
export class RecordCache {
  readonly lookups = new Lookups();
  readonly #known: LRUCache<string, SeenRecord>;
  readonly #metadata: Pick<Services['metadata'], 'batchGetMedia' | 'resolveMedia'>;
  readonly #changes: KnownChanges;
  readonly #lookups: Batcher<MxcUri, Answer>;

  constructor(metadata: Pick<Services['metadata'], 'batchGetMedia' | 'resolveMedia'>, changes: KnownChanges, maxRecords: number) {
    this.#metadata = metadata;
    this.#changes = changes;
    this.#known = new LRUCache({ max: maxRecords });
    this.#lookups = new Batcher(MAX_BATCH, async (keys) => {
      const asOf = changes.moment;
      const { results } = await metadata.batchGetMedia({ keys: keys.map(toKey) }, { timeoutMs: LOOKUP_TIMEOUT_MS });
      return results.map(({ record, quarantine }) => ({ record, asOf, isBanned: quarantine !== undefined }));
    });
  }

  /** The record as it is now, or `undefined` where there is none. */
  async get(uri: MxcUri): Promise<SeenRecord | undefined> {
    return (await this.find(uri)).seen;
  }

  /** The same, and whether a media without a record is banned ahead. */
  async find(uri: MxcUri): Promise<Finding> {
    const name = toMxcText(uri);
    const kept = this.#known.get(name);
    const known = this.lookups.count(kept !== undefined && this.#changes.isCurrent(kept) ? kept : undefined);
    if (known !== undefined) return { seen: known, isBanned: false };
    return this.#see(name, () => this.#lookups.get(name, uri));
  }

  /** The same, but waits up to `waitMs` for the bytes of a pending one. Fails with NOT_FOUND or NOT_YET_UPLOADED. */
  async resolve(uri: MxcUri, waitMs: number, signal: AbortSignal): Promise<SeenRecord | undefined> {
    const until = performance.now() + waitMs;
    return (await this.#see(toMxcText(uri), () => this.#wait(uri, until, signal))).seen;
  }

  /** A replica that stops sends away whoever waits there; another one, or the next, takes them. */
  async #wait(uri: MxcUri, until: number, signal: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const asOf = this.#changes.moment;
      const waitMs = Math.max(0, Math.ceil(until - performance.now()));
      try {
        const { record } = await this.#metadata.resolveMedia({ key: toKey(uri), waitMs }, { signal, timeoutMs: waitMs + CALL_MARGIN_MS });
        return { record, asOf, isBanned: false };
      } catch (error) {
        const isAway = error instanceof MediaError && error.reason === 'SERVICE_UNAVAILABLE';
        if (!isAway || waitMs === 0 || attempt === MAX_WAITS) throw error;
      }
      await orAbort(sleep(PAUSE_MS), signal);
    }
  }

  /** Looks until nothing has happened to the media while we did. */
  async #see(name: string, look: () => Promise<Answer>): Promise<Finding> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { record, asOf, isBanned } = await look();
      if (record === undefined) return { seen: undefined, isBanned };
      const seen = { name, digest: record.content?.digest ?? '', asOf, record };
      if (this.#changes.hasChanged(seen)) continue;
      if (this.#changes.position !== undefined && isAvailable(record)) this.#known.set(name, seen);
      return { seen, isBanned: false };
    }
    throw new MediaError('SERVICE_UNAVAILABLE', 'This media is being changed', { retryAfterMs: 1000 });
  }
}

export function isAvailable(record: MediaRecord): record is AvailableMedia {
  return record.state === MediaState.AVAILABLE && record.content !== undefined;
}

/** Throws INTERNAL for a record that breaks the contract: available, but without content. */
export function requireAvailable(record: MediaRecord): AvailableMedia {
  if (isAvailable(record)) return record;
  throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('metadata answered with a record without content') });
}

export function toKey(uri: MxcUri): { origin: string; mediaId: string } {
  return { origin: uri.origin, mediaId: uri.mediaId };
}
