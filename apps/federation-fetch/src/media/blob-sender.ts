import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteLane, LaneResponse } from '@medley/byte-lane/byte-lane';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { ConnectedClient } from '@medley/grpc/client';
import type { StorageServiceDefinition, StoredBlob } from '@medley/proto/storage';
import { orAbort } from '@medley/streams/abort';
import { collectBytes, type ByteStream } from '@medley/streams/byte-stream';

/** Bytes that can be read from their beginning as often as is needed. */
export interface SendableBytes {
  read(signal: AbortSignal): ByteStream;
  readonly maxBytes: number;
  /** Absent if it is not known yet. */
  readonly sizeBytes: number | undefined;
}

/** What callers hear of storage as it is; for all else it is just not available. */
const STORAGES_REASONS = ['STORAGE_FULL', 'SERVICE_UNAVAILABLE', 'BUSY'] as const;
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 200;
const RETRY_AFTER_MS = 1000;

/** Sends bytes to the storage service while they come. Copies of other servers' media are no tenant's: they go into the store that all share. */
export class BlobSender {
  readonly #storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  readonly #lane: ByteLane;

  constructor(storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'], lane: ByteLane) {
    this.#storage = storage;
    this.#lane = lane;
  }

  /**
   * Returns once all bytes are durable in storage; nothing is stored if they fail or the signal aborts. Where storage is lost on
   * the way, begins again. Fails with STORAGE_FULL, BUSY or SERVICE_UNAVAILABLE, or with the signal's reason.
   */
  async send(bytes: SendableBytes, signal: AbortSignal): Promise<StoredBlob> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(bytes, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isLost = !(error instanceof MediaError) || error.reason === 'SERVICE_UNAVAILABLE';
        if (!isLost || attempt === MAX_ATTEMPTS) throw isLost ? unavailable(error) : error;
      }
      await orAbort(sleep(PAUSE_MS * attempt), signal);
    }
  }

  async #sendOnce({ read, maxBytes, sizeBytes }: SendableBytes, signal: AbortSignal): Promise<StoredBlob> {
    const { http } = await this.#storage.locateUpload({ maxBytes, store: COMMON_STORE, isCopy: true }, { signal });
    if (http === undefined) throw new Error('storage left out where to send the bytes');
    const headers: Record<string, string> = sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) };
    return readAnswer(await this.#lane.send(http, { method: 'PUT', headers, body: read(signal), isAlone: true }, signal));
  }
}

async function readAnswer(response: LaneResponse): Promise<StoredBlob> {
  const answer = JSON.parse((await collectBytes(response.body, MAX_ANSWER_BYTES)).toString()) as Record<string, unknown>;
  if (response.status === 200) return { digest: String(answer['digest']), sizeBytes: Number(answer['size_bytes']) };
  const reason = STORAGES_REASONS.find((known) => known === answer['reason']);
  if (reason !== undefined) throw new MediaError(reason, String(answer['message']));
  throw new Error(`storage answered ${response.status}: ${String(answer['reason'])}`);
}

function unavailable(cause: unknown): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause, retryAfterMs: RETRY_AFTER_MS });
}
