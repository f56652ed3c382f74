import type { ContentScannerConfig } from '@medley/config/content-scanner';
import { originalAt, toAddressText } from '@medley/domain/blob-key';
import { isReason } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { ScanSubject } from '@medley/proto/content-scanner';
import { VerdictState, type Verdict } from '@medley/proto/metadata/verdicts';
import { SingleFlight } from '@medley/streams/single-flight';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import { countOutcomes } from '@medley/telemetry/outcomes';
import { LRUCache } from 'lru-cache';
import type { Services } from '../services.ts';
import { Scanner } from './scanner.ts';
import { contentRejected, itRests, ScannerFailure } from './scanner-failure.ts';
import { isSaidBy, VerdictBook } from './verdict-book.ts';

/** Stored bytes to be examined. What is found holds for them in every store; they are read from this one. */
export interface StoredSubject extends ScanSubject {
  readonly store: string;
}

/** Reads a stored blob. */
export type ReadBlob = (blob: Pick<StoredSubject, 'digest' | 'sizeBytes' | 'store'>, signal: AbortSignal) => Promise<ByteStream>;

export interface ScanningOptions {
  readonly metadata: Pick<Services['metadata'], 'getVerdict' | 'putVerdict' | 'setQuarantine' | 'listMedia'>;
  readonly read: ReadBlob;
  readonly log: Logger;
  readonly meter: Meter;
}

/** What has come of a file: what the scanner said now or before, or why it said nothing. */
const OUTCOMES = ['clean', 'rejected', 'known_clean', 'known_rejected', 'too_large', 'failed'] as const;
const MAX_REFUSED = 10_000;

/** Has stored bytes examined before anybody may have them; where no scanner is configured, all may be had. */
export interface Scanning extends AsyncDisposable {
  /**
   * Decides whether an upload may be recorded, and answers whether its record must await a verdict; `begin` is to be called once it has one.
   * Fails with CONTENT_REJECTED, with SERVICE_UNAVAILABLE where it can't be examined and may not be had then, and as reading and metadata do.
   */
  admitUpload(subject: StoredSubject, isScanned: boolean): Promise<boolean>;
  /** Examines, while nobody waits, what was recorded to await a verdict. */
  begin(subject: StoredSubject): void;
  /** Decides whether what has come from another server may be recorded, or shown. Fails as admitUpload does; what is rejected is remembered. */
  admitRemote(uri: MxcUri, subject: StoredSubject): Promise<void>;
  /** Fails with CONTENT_REJECTED for media of another server that was rejected here lately. */
  requireUnrejected(uri: MxcUri): void;
  /** Fails with SERVICE_UNAVAILABLE while nothing that comes from another server could be shown: the scanner is known to be away, and nothing passes without it. */
  requireScanner(): void;
  /** Whether nobody may have any of it before all is here; its size if that is known. */
  holdsRemote(sizeBytes: number | undefined): boolean;
  /** Whether the image of a URL preview may be recorded; not, where that can't be found out and must be. */
  isPreviewAllowed(subject: StoredSubject): Promise<boolean>;
}

/** Where there is nobody to ask. */
export const NO_SCANNING: Scanning = {
  admitUpload: async () => false,
  begin: () => {},
  admitRemote: async () => {},
  requireUnrejected: () => {},
  requireScanner: () => {},
  holdsRemote: () => false,
  isPreviewAllowed: async () => true,
  [Symbol.asyncDispose]: async () => {},
};

/** Asks a content scanner, once for each digest of a store at a time. What it has said it is not asked again, until it has other signatures. */
export class ContentScanning implements Scanning {
  readonly scanner: Scanner;
  readonly #config: ContentScannerConfig;
  readonly #options: ScanningOptions;
  readonly #book: VerdictBook;
  readonly #flights = new SingleFlight<boolean>();
  readonly #refused: LRUCache<string, true>;
  readonly #stopping = new AbortController();
  readonly #owned = new AsyncDisposableStack();
  readonly #count: (outcome: (typeof OUTCOMES)[number]) => void;

  constructor(config: ContentScannerConfig, options: ScanningOptions) {
    const { log, metadata, meter } = options;
    this.#config = config;
    this.#options = options;
    this.scanner = this.#owned.use(new Scanner(config, { log, meter }));
    this.#book = new VerdictBook({ metadata, log, bansAhead: config.mode === 'pending' || config.on_failure === 'open' });
    this.#refused = new LRUCache({ max: MAX_REFUSED, ttl: config.remember_rejected });
    this.#count = countOutcomes(meter, { name: 'medley.scans', description: 'Files that were to be examined, by what has come of it', label: 'verdict', values: OUTCOMES });
  }

  async admitUpload(subject: StoredSubject, isScanned: boolean): Promise<boolean> {
    if (!this.#config.uploads || !isScanned) return false;
    return this.#admit(subject, this.#config.mode === 'pending');
  }

  begin(subject: StoredSubject): void {
    // Whatever fails, the bytes go on to be among those to be examined.
    this.examine(subject).catch((error: unknown) => this.#options.log.info({ err: error, digest: subject.digest }, 'content is left to be examined later'));
  }

  async admitRemote(uri: MxcUri, subject: StoredSubject): Promise<void> {
    if (!this.#config.remote) return;
    try {
      await this.#admit(subject, false);
    } catch (error) {
      if (isReason(error, 'CONTENT_REJECTED')) this.#refused.set(toMxcText(uri), true);
      throw error;
    }
  }

  requireUnrejected(uri: MxcUri): void {
    if (this.#refused.has(toMxcText(uri))) throw contentRejected();
  }

  requireScanner(): void {
    const { remote, on_failure } = this.#config;
    const { restMs } = this.scanner;
    if (remote && on_failure === 'closed' && restMs > 0) throw itRests(restMs);
  }

  holdsRemote(sizeBytes: number | undefined): boolean {
    const { remote, on_large, max_bytes } = this.#config;
    return remote && (on_large === 'reject' || sizeBytes === undefined || sizeBytes <= max_bytes);
  }

  async isPreviewAllowed(subject: StoredSubject): Promise<boolean> {
    if (!this.#config.previews) return true;
    try {
      await this.#admit(subject, false);
      return true;
    } catch (error) {
      if (isReason(error, 'CONTENT_REJECTED') || error instanceof ScannerFailure) return false;
      throw error;
    }
  }

  /** Has bytes examined that are to be, once for all who ask, and answers whether they are clean. Lets what can't be examined be had, if it may. */
  async examine(subject: StoredSubject): Promise<boolean> {
    try {
      return await this.#scan(subject);
    } catch (error) {
      const mayPass = this.#config.on_failure === 'open' && error instanceof ScannerFailure && error.trouble !== 'busy';
      if (mayPass) await this.#book.put(subject.digest, VerdictState.PASSED, '');
      throw error;
    }
  }

  /** Has something end with it. */
  owns(owned: AsyncDisposable): void {
    this.#owned.use(owned);
  }

  /** Leaves what is under way to be examined by others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#owned.disposeAsync();
  }

  /** Whether its record must await a verdict. */
  async #admit(subject: StoredSubject, mayWait: boolean): Promise<boolean> {
    const { digest, sizeBytes } = subject;
    if (sizeBytes > this.#config.max_bytes) return this.#admitLarge();
    const [known, name] = await Promise.all([this.#book.get(digest), this.scanner.name(this.#stopping.signal)]);
    if (isSaidBy(name, known)) return this.#admitKnown(known);
    if (mayWait && isUnsuspicious(known)) {
      await this.#book.put(digest, VerdictState.PENDING, name);
      return true;
    }
    const isClean = await this.#scan(subject).catch((error: unknown) => this.#admitUnexamined(error, known, subject));
    if (!isClean) throw contentRejected();
    return false;
  }

  #admitLarge(): false {
    this.#count('too_large');
    if (this.#config.on_large === 'reject') throw contentRejected('This file is too large to be examined');
    return false;
  }

  #admitKnown({ state }: Verdict): false {
    this.#count(state === VerdictState.CLEAN ? 'known_clean' : 'known_rejected');
    if (state !== VerdictState.CLEAN) throw contentRejected();
    return false;
  }

  /** Whether what can't be examined is taken for clean; then it is examined later. */
  async #admitUnexamined(error: unknown, known: Verdict | undefined, { digest }: StoredSubject): Promise<boolean> {
    if (this.#config.on_failure === 'closed' || !(error instanceof ScannerFailure)) throw error;
    if (known?.state === VerdictState.REJECTED) return false;
    await this.#book.put(digest, VerdictState.PENDING, '');
    return true;
  }

  #scan(subject: StoredSubject): Promise<boolean> {
    return this.#flights.run(toAddressText(originalAt(subject)), async () => {
      const finding = await this.scanner.scan(subject, (signal) => this.#options.read(subject, signal), this.#stopping.signal).catch((error: unknown) => {
        this.#count('failed');
        throw error;
      });
      this.#count(finding.isClean ? 'clean' : 'rejected');
      await this.#book.settle(subject, finding);
      return finding.isClean;
    });
  }
}

/** Media whose bytes were rejected before, or only let through, must not be shown until it is known better: judgements hold until then. */
function isUnsuspicious(known: Verdict | undefined): boolean {
  return known === undefined || known.state === VerdictState.PENDING || known.state === VerdictState.CLEAN;
}
