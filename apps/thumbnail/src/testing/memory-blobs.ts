import { originalAt, toAddressText, type BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import { tooLarge } from '@medley/streams/byte-stream';
import type { Blobs } from '../ports/blobs.ts';
import { toThumbnail, type Thumbnail } from '../thumbnail.ts';

/** Sources and thumbnails in memory, which counts, and waits and fails when told to. */
export class MemoryBlobs implements Blobs {
  readonly thumbnails = new Map<string, Uint8Array>();
  readonly #sources = new Map<string, Uint8Array>();
  /** How often a source was read. */
  reads = 0;
  /** Reading waits for it. */
  gate: Promise<void> = Promise.resolve();
  failsToSave = false;

  addSource(bytes: Uint8Array, source = this.#newAddress()): BlobAddress {
    this.#sources.set(toAddressText(source), bytes);
    return source;
  }

  async findThumbnail(key: BlobAddress): Promise<Thumbnail | undefined> {
    const bytes = this.thumbnails.get(toAddressText(key));
    return bytes && toThumbnail(key, bytes, bytes.byteLength);
  }

  async readSource(source: BlobAddress, signal: AbortSignal, maxBytes = Infinity): Promise<Uint8Array> {
    const name = toAddressText(source);
    if ((this.#sources.get(name)?.byteLength ?? 0) > maxBytes) throw tooLarge(maxBytes);
    if (maxBytes < Infinity) return this.#sources.get(name) ?? new Uint8Array();
    this.reads += 1;
    await Promise.race([this.gate, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
    const bytes = this.#sources.get(name);
    if (bytes === undefined) throw new MediaError('NOT_FOUND', 'No such blob');
    return bytes;
  }

  async saveThumbnail(key: BlobAddress, bytes: Uint8Array): Promise<void> {
    if (this.failsToSave) throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available');
    this.thumbnails.set(toAddressText(key), bytes);
  }

  #newAddress(): BlobAddress {
    return originalAt({ digest: String(this.#sources.size).padStart(64, '0'), store: COMMON_STORE });
  }
}
