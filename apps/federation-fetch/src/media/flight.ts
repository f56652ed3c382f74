import { createHash } from 'node:crypto';
import type { FederationConfig } from '@medley/config/federation';
import { MediaError } from '@medley/domain/media-error';
import type { FetchedHeader, StoredMedia } from '@medley/proto/federation-fetch';
import { leastBytesIn } from '@medley/streams/pace';
import type { Backoff } from '../backoff.ts';
import type { Arrival } from './arrival.ts';
import type { BlobSender } from './blob-sender.ts';
import { remoteTooLarge, ServerDown } from './fetch-failed.ts';
import type { MediaRequest } from './media-request.ts';
import { Patience } from './patience.ts';
import { explainFailure, type Remote } from './remote.ts';
import type { Spool } from './spool.ts';
import type { Room, SpoolSpace } from './spool-space.ts';
import type { Turns } from './turns.ts';

/** What flights work with. */
export interface FlightParts {
  readonly remote: Pick<Remote, 'open'>;
  readonly turns: Turns;
  readonly backoff: Backoff;
  readonly space: SpoolSpace;
  readonly blobs: Pick<BlobSender, 'send'>;
  readonly config: Pick<FederationConfig, 'stall_timeout' | 'spool_bytes'>;
  /** Hears of bytes that have come. */
  readonly onBytes: (count: number) => void;
}

/** Media on its way. */
export interface Begun {
  readonly header: FetchedHeader;
  readonly spool: Spool;
}

/**
 * One transfer from another server into storage, which any number of callers watch. It fails with the same error for all of
 * them, before or after it has begun.
 */
export class Flight {
  readonly request: MediaRequest;
  /** Settles when the server has said what comes. */
  readonly begun: Promise<Begun>;
  /** Settles last: the bytes are durable in storage, or nothing is stored. */
  readonly stored: Promise<StoredMedia>;
  readonly #parts: FlightParts;
  readonly #begun = Promise.withResolvers<Begun>();
  readonly #end = new AbortController();
  #maxBytes = 0;
  #spool: Spool | undefined;
  #isOver = false;
  #isClosed = false;

  constructor(request: MediaRequest, maxBytes: number, parts: FlightParts) {
    this.request = request;
    this.#parts = parts;
    this.allow(maxBytes);
    this.begun = this.#begun.promise;
    this.stored = this.#run();
    // whoever waits hears of it; there may be nobody
    this.begun.catch(() => {});
    this.stored.catch((error: unknown) => this.#begun.reject(error));
  }

  /** The media may be as large as the most generous of its callers takes. */
  allow(maxBytes: number): void {
    this.#maxBytes = Math.max(this.#maxBytes, maxBytes);
  }

  /** Gives up, for this reason, if it is not over yet. */
  abort(reason: unknown): void {
    this.#end.abort(reason);
  }

  /** Nobody begins to read any more: what it holds is given back when it is over and all who read have left. To be called once. */
  close(): void {
    this.#isClosed = true;
    if (this.#isOver) this.#spool?.close();
  }

  async #run(): Promise<StoredMedia> {
    const { turns, backoff, space } = this.#parts;
    const { signal } = this.#end;
    using turn = await turns.take(this.request.origin, signal);
    using patience = new Patience(signal);
    using attempt = backoff.begin(this.request.origin);
    const arrival = await this.#open(patience, attempt);
    try {
      this.#checkSize(Math.max(arrival.leastBytes, arrival.sizeBytes ?? 0));
      const room = await space.open(arrival.sizeBytes);
      this.#spool = room.spool;
      const { contentType, uploadName, sizeBytes } = arrival;
      this.#begun.resolve({ header: { contentType, uploadName, sizeBytes }, spool: room.spool });
      const stored = this.#store(room.spool, sizeBytes);
      const digest = await this.#copy(arrival, room, patience);
      turn[Symbol.dispose]();
      return checkStored(await stored, digest, room.spool.sizeBytes);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      arrival.destroy();
      this.#isOver = true;
      if (this.#isClosed) this.#spool?.close();
    }
  }

  async #open(patience: Patience, attempt: ReturnType<Backoff['begin']>): Promise<Arrival> {
    try {
      const arrival = await this.#parts.remote.open(this.request, patience);
      attempt.succeed();
      return arrival;
    } catch (error) {
      if (error instanceof ServerDown) attempt.fail();
      else if (error instanceof MediaError && error.reason !== 'FORBIDDEN') attempt.succeed();
      throw error;
    }
  }

  /** Begins to send what comes to storage. What cannot be stored need not come. */
  #store(spool: Spool, sizeBytes: number | undefined): Promise<StoredMedia> {
    const { blobs, config } = this.#parts;
    const bytes = { read: (signal: AbortSignal) => spool.read({ offset: 0 }, signal), maxBytes: config.spool_bytes, sizeBytes };
    const stored = blobs.send(bytes, this.#end.signal);
    stored.catch((error: unknown) => this.abort(error));
    return stored;
  }

  /** Returns the digest of what has come when all of it is in the spool. */
  async #copy({ body }: Arrival, { spool, reserve }: Room, patience: Patience): Promise<string> {
    const { config, onBytes } = this.#parts;
    const hash = createHash('sha256');
    const leastBytes = leastBytesIn(config.stall_timeout);
    let newBytes = 0;
    patience.expect('more of the media', config.stall_timeout);
    for await (const chunk of body) {
      const sizeBytes = spool.sizeBytes + chunk.byteLength;
      this.#checkSize(sizeBytes);
      reserve(sizeBytes);
      hash.update(chunk);
      await spool.write(chunk);
      onBytes(chunk.byteLength);
      newBytes += chunk.byteLength;
      if (newBytes < leastBytes) continue;
      newBytes = 0;
      patience.again();
    }
    patience[Symbol.dispose]();
    this.#end.signal.throwIfAborted();
    spool.end();
    return hash.digest('hex');
  }

  /** What is larger than all the disk for it can never come. */
  #checkSize(sizeBytes: number): void {
    const maxBytes = Math.min(this.#maxBytes, this.#parts.config.spool_bytes);
    if (sizeBytes > maxBytes) throw remoteTooLarge(maxBytes);
  }

  /** Tells all who read, storage among them. */
  #fail(cause: unknown): unknown {
    const error = explainFailure(cause, this.#parts.config.spool_bytes);
    if (error instanceof ServerDown) this.#parts.backoff.fail(this.request.origin);
    this.#spool?.fail(error);
    this.abort(error);
    return error;
  }
}

function checkStored(stored: StoredMedia, digest: string, sizeBytes: number): StoredMedia {
  if (stored.digest === digest && stored.sizeBytes === sizeBytes) return stored;
  const cause = new Error(`storage kept ${stored.sizeBytes} bytes ${stored.digest} of ${sizeBytes} bytes ${digest}`);
  throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause });
}
