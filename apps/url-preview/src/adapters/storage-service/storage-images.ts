import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import type { ConnectedClient } from '@medley/grpc/client';
import type { PutBlobRequest, StorageServiceDefinition } from '@medley/proto/storage';
import { fromBytes, splitChunks } from '@medley/streams/byte-stream';
import type { Images } from '../../ports/images.ts';

/** Preview images in the storage service: in the store that all share, since no tenant's user has made them. */
export class StorageImages implements Images {
  readonly #storage: ConnectedClient<typeof StorageServiceDefinition>['rpc'];

  constructor(storage: ConnectedClient<typeof StorageServiceDefinition>['rpc']) {
    this.#storage = storage;
  }

  async store(bytes: Uint8Array, signal: AbortSignal): Promise<string> {
    const { blob } = await this.#storage.putBlob(toParts(bytes), { signal });
    if (blob === undefined) throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('storage left out what it stored') });
    return blob.digest;
  }
}

async function* toParts(bytes: Uint8Array): AsyncGenerator<PutBlobRequest> {
  yield { part: { $case: 'header', value: { maxBytes: bytes.byteLength, derivedKey: undefined, store: COMMON_STORE, isCopy: true } } };
  for await (const chunk of splitChunks(fromBytes(bytes), CHUNK_BYTES)) yield { part: { $case: 'chunk', value: chunk } };
  yield { part: { $case: 'trailer', value: { sizeBytes: bytes.byteLength } } };
}
