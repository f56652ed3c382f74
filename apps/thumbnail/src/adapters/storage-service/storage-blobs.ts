import type { ByteLane } from '@medley/byte-lane/byte-lane';
import type { BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import type { ConnectedClient } from '@medley/grpc/client';
import type { PutBlobRequest, StorageServiceDefinition } from '@medley/proto/storage';
import { collectBytes, splitChunks, tooLarge } from '@medley/streams/byte-stream';
import { SNIFF_BYTES } from '../../pipeline/image-format.ts';
import type { Blobs } from '../../ports/blobs.ts';
import { INLINE_MAX_BYTES, toThumbnail, type Thumbnail } from '../../thumbnail.ts';
import { readLocated } from './read-located.ts';

export interface StorageBlobsOptions {
  readonly storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  readonly lane: ByteLane;
  readonly maxSourceBytes: number;
  /** Whether the blob folder is mounted here at the same path. */
  readonly acceptPath: boolean;
}

/** Sources and thumbnails in the storage service. */
export class StorageBlobs implements Blobs {
  readonly #options: StorageBlobsOptions;

  constructor(options: StorageBlobsOptions) {
    this.#options = options;
  }

  async findThumbnail(key: BlobAddress, signal: AbortSignal): Promise<Thumbnail | undefined> {
    const { storage } = this.#options;
    try {
      const { location, sizeBytes } = await storage.locateBlob({ key, inlineMaxBytes: INLINE_MAX_BYTES, acceptPath: false }, { signal });
      return toThumbnail(key, location?.$case === 'inline' ? location.value : await this.#readStart(key, signal), sizeBytes);
    } catch (error) {
      if (error instanceof MediaError && error.reason === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  async readSource(source: BlobAddress, signal: AbortSignal, maxBytes = Infinity): Promise<Uint8Array> {
    const { storage, lane, acceptPath } = this.#options;
    const maxSourceBytes = Math.min(maxBytes, this.#options.maxSourceBytes);
    const located = await storage.locateBlob({ key: source, inlineMaxBytes: INLINE_MAX_BYTES, acceptPath }, { signal });
    if (located.sizeBytes > maxSourceBytes) throw tooLarge(maxSourceBytes);
    return readLocated(located, lane, signal);
  }

  async saveThumbnail(key: BlobAddress, bytes: Uint8Array): Promise<void> {
    await this.#options.storage.putBlob(toParts(key, bytes));
  }

  async #readStart(key: BlobAddress, signal: AbortSignal): Promise<Uint8Array> {
    const parts = this.#options.storage.getBlob({ key, range: { offset: 0, length: SNIFF_BYTES } }, { signal });
    return collectBytes(toChunks(parts), SNIFF_BYTES);
  }
}

async function* toChunks(parts: AsyncIterable<{ readonly chunk: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { chunk } of parts) yield chunk;
}

async function* toParts(key: BlobAddress, bytes: Uint8Array): AsyncGenerator<PutBlobRequest> {
  yield { part: { $case: 'header', value: { maxBytes: bytes.byteLength, derivedKey: key, store: key.store, isCopy: true } } };
  for await (const chunk of splitChunks(once(bytes), CHUNK_BYTES)) yield { part: { $case: 'chunk', value: chunk } };
  yield { part: { $case: 'trailer', value: { sizeBytes: bytes.byteLength } } };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
