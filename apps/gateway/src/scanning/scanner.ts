import type { ContentScannerConfig } from '@medley/config/content-scanner';
import { isReason, MediaError } from '@medley/domain/media-error';
import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { ContentScannerServiceDefinition, type ScanRequest, type ScanSubject } from '@medley/proto/content-scanner';
import { TimeLimit } from '@medley/streams/abort';
import { splitChunks, type ByteStream } from '@medley/streams/byte-stream';
import { SingleFlight } from '@medley/streams/single-flight';
import { Turns } from '@medley/streams/turns';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import { itRests, ScannerFailure } from './scanner-failure.ts';
import { ScannerHealth } from './scanner-health.ts';

/** What the scanner says of a file. */
export interface Finding {
  readonly isClean: boolean;
  /** For admins. */
  readonly finding: string;
  /** Which scanner, with which signatures. */
  readonly scanner: string;
}

/** Opens the bytes of a file; when `signal` aborts it closes them. */
export type OpenBytes = (signal: AbortSignal) => Promise<ByteStream>;

/** How long a scanner is believed to have the same signatures. */
const NAME_KEPT_MS = 60_000;
const DESCRIBE_TIMEOUT_MS = 5000;
const MAX_TEXT_LENGTH = 500;

/** The scanner that operators have put up, asked for one file at a time in each of its turns. */
export class Scanner implements Disposable {
  readonly #config: ContentScannerConfig;
  readonly #client: ConnectedClient<typeof ContentScannerServiceDefinition>;
  readonly #turns: Turns;
  readonly #health = new ScannerHealth();
  readonly #naming = new SingleFlight<void>();
  readonly #log: Logger;
  #name = '';
  #namedAt = Number.NEGATIVE_INFINITY;

  constructor(config: ContentScannerConfig, { log, meter }: { readonly log: Logger; readonly meter: Meter }) {
    const { address, token, tls, max_concurrent, max_queued } = config;
    this.#config = config;
    this.#client = connectService(ContentScannerServiceDefinition, {
      address, token, tls, meter, retries: false, onTlsProblem: (error) => log.warn({ error: error.message }, 'new certificates can not be used'),
    });
    this.#turns = new Turns(max_concurrent, max_queued, 'Too many files are being examined');
    this.#log = log;
  }

  /** Whether it answers, as far as is known. */
  get isWell(): boolean {
    return this.#health.isWell;
  }

  /** Milliseconds until it is worth asking. */
  get restMs(): number {
    return this.#health.restMs;
  }

  /** Who scans, with which signatures; what it said last where it can't be asked now, and empty if it never did. */
  async name(signal: AbortSignal): Promise<string> {
    if (this.#isNamed) return this.#name;
    await this.#guard(() => this.#describe(signal), () => this.#health.answer(), signal).catch((error: unknown) => {
      if (!(error instanceof ScannerFailure)) throw error;
    });
    return this.#name;
  }

  /** Has a file examined. Fails with ScannerFailure, with what reading it fails with, and with the signal's reason. */
  async scan(subject: ScanSubject, open: OpenBytes, signal: AbortSignal): Promise<Finding> {
    using patience = new TimeLimit(this.#config.timeout);
    let hasBegun = false;
    const work = (): Promise<Finding> => {
      hasBegun = true;
      return this.#guard(() => this.#ask(subject, open, signal), () => this.#health.succeed(), signal);
    };
    try {
      return await this.#turns.run(work, AbortSignal.any([signal, patience.signal]));
    } catch (error) {
      signal.throwIfAborted();
      throw hasBegun ? error : new ScannerFailure('busy', error);
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  get #isNamed(): boolean {
    return performance.now() - this.#namedAt < NAME_KEPT_MS;
  }

  #describe(signal: AbortSignal): Promise<void> {
    return this.#naming.run('', () => this.#askName(signal));
  }

  async #askName(signal: AbortSignal): Promise<void> {
    const { scanner } = await this.#client.rpc.describe({}, { signal, timeoutMs: Math.min(DESCRIBE_TIMEOUT_MS, this.#config.timeout) });
    if (scanner === '') throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('the content scanner has no name') });
    this.#name = toPlainText(scanner);
    this.#namedAt = performance.now();
  }

  async #ask(subject: ScanSubject, open: OpenBytes, signal: AbortSignal): Promise<Finding> {
    if (!this.#isNamed) await this.#describe(signal);
    const scanner = this.#name;
    const leaving = new AbortController();
    const bytes = new OwnBytes(open, AbortSignal.any([signal, leaving.signal]));
    try {
      const { isClean, finding } = await this.#client.rpc.scan(toParts(subject, bytes), { signal, timeoutMs: this.#config.timeout });
      return { isClean, finding: toPlainText(finding), scanner };
    } catch (error) {
      throw bytes.failure ?? error;
    } finally {
      leaving.abort();
    }
  }

  /** What comes of asking, and what that says of the scanner. */
  async #guard<Value>(ask: () => Promise<Value>, onAnswer: () => void, signal: AbortSignal): Promise<Value> {
    if (!this.#health.mayAsk()) throw itRests(this.#health.restMs);
    const { isWell: wasWell, scanCount } = this.#health;
    try {
      const value = await ask();
      onAnswer();
      if (!wasWell && this.#health.isWell) this.#log.info('the content scanner answers again');
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OwnFailure) throw error.cause;
      const trouble = isAway(error, this.#health.scanCount > scanCount) ? 'away' : 'failed';
      if (trouble === 'away') this.#health.fail();
      if (wasWell && !this.#health.isWell) this.#log.warn({ err: error }, 'the content scanner does not answer');
      throw new ScannerFailure(trouble, error, this.#health.restMs);
    }
  }
}

/** Reading failed: that is our own trouble. */
class OwnFailure extends Error {}

/** The bytes of a file, and what reading them has failed with. */
class OwnBytes implements AsyncIterable<Uint8Array> {
  readonly #open: OpenBytes;
  readonly #signal: AbortSignal;
  failure: OwnFailure | undefined;

  constructor(open: OpenBytes, signal: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* splitChunks(await this.#open(this.#signal), CHUNK_BYTES);
    } catch (error) {
      if (!this.#signal.aborted) this.failure = new OwnFailure('the bytes can’t be read', { cause: error });
      throw error;
    }
  }
}

async function* toParts(subject: ScanSubject, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ScanRequest> {
  yield { part: { $case: 'subject', value: subject } };
  let totalBytes = 0;
  for await (const chunk of bytes) {
    totalBytes += chunk.byteLength;
    yield { part: { $case: 'chunk', value: chunk } };
  }
  yield { part: { $case: 'end', value: { totalBytes } } };
}

/** What strangers' programs say is kept in one line, and short. */
function toPlainText(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ').slice(0, MAX_TEXT_LENGTH);
}

/** All else it says of the file; and what it does not end with either, while it has examined others. */
function isAway(error: unknown, hasExaminedOthers: boolean): boolean {
  return isReason(error, 'SERVICE_UNAVAILABLE') || (isReason(error, 'TIMED_OUT') && !hasExaminedOthers);
}
