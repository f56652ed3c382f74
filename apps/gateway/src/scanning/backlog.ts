import { originalAt } from '@medley/domain/blob-key';
import { isReason, MediaError } from '@medley/domain/media-error';
import type { StoreName } from '@medley/domain/store-name';
import { withLease } from '@medley/maintenance/lease';
import type { MediaRecord } from '@medley/proto/metadata/media';
import { VerdictState, type Verdict } from '@medley/proto/metadata/verdicts';
import type { Logger } from '@medley/telemetry/logger';
import { Bell } from '../jobs/bell.ts';
import type { Services } from '../services.ts';
import { askStore } from '../usecases/ask-store.ts';
import type { ContentScanning, StoredSubject } from './scanning.ts';

export interface BacklogOptions {
  readonly scanning: Pick<ContentScanning, 'examine' | 'scanner'>;
  readonly metadata: Pick<Services['metadata'], 'listVerdicts' | 'putVerdict' | 'listMedia' | 'takeLease' | 'releaseLease'>;
  readonly storage: Pick<Services['storage'], 'statBlob'>;
  readonly log: Logger;
  /** All that are configured: where bytes are looked for that no record names. */
  readonly stores: readonly StoreName[];
  /** Whoever was to examine bytes has given up after so long, in milliseconds. */
  readonly takenUpAfterMs: number;
  /** Examined at once. */
  readonly atOnce: number;
  /** Between two looks, while all goes well. */
  readonly pollMs?: number;
  readonly leaseMs?: number;
}

const DEFAULTS = { pollMs: 5000, leaseMs: 30_000 };
const PAGE = 100;
const MAX_PAUSE_MS = 60_000;
/** Of media with the same bytes: to tell in which stores these lie. */
const MAX_TWINS = 100;
/** What is not known of bytes that no record names. */
const UNKNOWN = { contentType: 'application/octet-stream', origin: '' };

/** Examines what is to be examined and was left: by a gateway that ended, or while the scanner was away. One gateway does it at a time. */
export class Backlog implements AsyncDisposable {
  readonly #options: Required<BacklogOptions>;
  readonly #bell = new Bell();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  /** Behind which digest it goes on when it had to stop: files that make the scanner fail must not keep those behind them waiting. */
  #after: string | undefined;

  constructor(options: BacklogOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#ended = this.#follow();
  }

  /** Begins nothing any more, and ends when what it was at has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const { metadata, log, pollMs, leaseMs } = this.#options;
    const { signal } = this.#stopping;
    const terms = { name: 'content-scans', holder: crypto.randomUUID(), ttlMs: leaseMs };
    for (let pauseMs = pollMs; !signal.aborted; ) {
      let isWell = true;
      await withLease(metadata, terms, async (kept) => void (isWell = await this.#examineAll(kept)), signal).catch((error: unknown) => {
        if (!signal.aborted) log.info({ err: error }, 'what is to be examined can’t be looked for');
      });
      pauseMs = isWell ? pollMs : Math.min(2 * pauseMs, MAX_PAUSE_MS);
      await this.#bell.wait(pauseMs, signal);
    }
  }

  /** Goes through all once, and answers whether none of it failed. */
  async #examineAll(signal: AbortSignal): Promise<boolean> {
    const { metadata, takenUpAfterMs, atOnce, scanning } = this.#options;
    let isWell = true;
    for (;;) {
      const { verdicts } = await metadata.listVerdicts({ state: VerdictState.PENDING, limit: PAGE, afterDigest: this.#after }, { signal });
      const left = verdicts.filter(({ atMs }) => atMs <= Date.now() - takenUpAfterMs);
      for (let at = 0; at < left.length; at += atOnce) {
        if (signal.aborted || scanning.scanner.restMs > 0) return false;
        const batch = left.slice(at, at + atOnce);
        const results = await Promise.all(batch.map((verdict) => this.#examine(verdict, signal)));
        this.#after = batch.at(-1)?.digest;
        isWell &&= results.every(Boolean);
      }
      this.#after = verdicts.length < PAGE ? undefined : verdicts.at(-1)?.digest;
      if (this.#after === undefined) return isWell;
    }
  }

  async #examine({ digest }: Verdict, signal: AbortSignal): Promise<boolean> {
    const { scanning, log } = this.#options;
    try {
      const subject = await this.#describe(digest, signal);
      if (subject === undefined) await this.#options.metadata.putVerdict({ verdict: { digest, state: VerdictState.WITHDRAWN, scanner: '', finding: '', atMs: 0 } });
      else await scanning.examine(subject);
      return true;
    } catch (error) {
      if (!signal.aborted) log.info({ err: error, digest }, 'content could not be examined; it is tried again');
      return false;
    }
  }

  /** What can be said of bytes by their digest; undefined if they are gone and no record names them. Those that one names may come back: then it fails. */
  async #describe(digest: string, signal: AbortSignal): Promise<StoredSubject | undefined> {
    const filter = { kinds: [], origins: [], userIds: [], digest };
    const { records, next } = await this.#options.metadata.listMedia({ filter, limit: MAX_TWINS, descending: false, withTotal: false }, { signal });
    const isNamed = records.length > 0 || next !== undefined;
    if (isNamed) return this.#firstStored(digest, onePerStore(records), signal);
    return this.#firstStored(digest, this.#options.stores.map((store) => ({ store, ...UNKNOWN })), signal).catch((error: unknown) => {
      if (isReason(error, 'NOT_FOUND')) return undefined;
      throw error;
    });
  }

  /** The same bytes may be lost, or out of reach, in one store and whole in another. Fails with NOT_FOUND only if they are in none. */
  async #firstStored(digest: string, candidates: readonly Candidate[], signal: AbortSignal): Promise<StoredSubject> {
    let failure: unknown = new MediaError('NOT_FOUND', 'No such blob');
    for (const candidate of candidates) {
      const key = originalAt({ digest, store: candidate.store });
      try {
        const { sizeBytes } = await askStore(this.#options, key, this.#options.storage.statBlob({ key }, { signal }));
        return { digest, sizeBytes, ...candidate };
      } catch (error) {
        signal.throwIfAborted();
        if (!isReason(error, 'NOT_FOUND')) failure = error;
      }
    }
    throw failure;
  }
}

/** What is said of bytes in a store beside their digest and size. */
type Candidate = Omit<StoredSubject, 'digest' | 'sizeBytes'>;

/** By the first record of each store. */
function onePerStore(records: readonly MediaRecord[]): readonly Candidate[] {
  const byStore = new Map<string, Candidate>();
  for (const { key, userId, content } of records) {
    if (content === undefined || byStore.has(content.store)) continue;
    const { store, contentType, uploadName } = content;
    byStore.set(store, { store, contentType, uploadName, origin: key?.origin ?? '', ...(userId !== '' && { userId }) });
  }
  return [...byStore.values()];
}
