import { toAddressText } from '@medley/domain/blob-key';
import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { StoreName } from '@medley/domain/store-name';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { VerifiedBlobs } from '@medley/streams/verified-blobs';
import { verifyDigest } from '@medley/streams/verify-digest';
import type { Logger } from '@medley/telemetry/logger';
import type { Counter, Meter } from '@medley/telemetry/metrics';
import { BlobHasher } from './blob-hasher.ts';
import type { StoredBlob } from './ports/blob-store.ts';

export interface VerifierOptions {
  /** What has been found whole, in all stores. */
  readonly verified: VerifiedBlobs;
  /** Whose originals these are. */
  readonly store: StoreName;
  readonly log: Logger;
  readonly meter: Meter;
}

/** An original as its store sees it, before it is read. */
export interface FoundBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Changes whenever the stored bytes do, as far as the store can tell without reading them. */
  readonly stamp: string;
}

/** Up to here a blob goes inline, into memories that keep it; it is verified whenever it is read. */
export const SMALL_BLOB_BYTES = 2 ** 20;

/** Sees to it that nobody takes a damaged original of one store for whole, and tells the operator of it. */
export class BlobVerifier {
  readonly #verified: VerifiedBlobs;
  readonly #store: StoreName;
  readonly #log: Logger;
  readonly #corrupt: Counter;

  constructor({ verified, store, log, meter }: VerifierOptions) {
    this.#verified = verified;
    this.#store = store;
    this.#log = log;
    this.#corrupt = meter.createCounter('medley.storage.corrupt_blobs', { description: 'Reads of originals that are not what their digest says' });
  }

  /** Passes all bytes of an original on, but fails with BLOB_CORRUPT before the last chunk if they are not what its digest says. */
  async *pass(bytes: ByteStream, found: FoundBlob): AsyncGenerator<Uint8Array> {
    const { digest, sizeBytes, stamp } = found;
    if (sizeBytes > SMALL_BLOB_BYTES && this.#verified.has(this.#nameOf(digest), stamp)) {
      yield* bytes;
      return;
    }
    try {
      yield* verifyDigest(bytes, digest);
    } catch (error) {
      if (error instanceof MediaError && error.reason === 'BLOB_CORRUPT') this.#report(digest);
      throw error;
    }
    this.#verified.add(this.#nameOf(digest), stamp);
  }

  /** Reads all bytes of an original and answers what they are. */
  async examine(bytes: ByteStream, found: FoundBlob): Promise<StoredBlob> {
    const hasher = new BlobHasher();
    for await (const chunk of bytes) hasher.update(chunk);
    if (hasher.blob.digest === found.digest) this.#verified.add(this.#nameOf(found.digest), found.stamp);
    else this.#report(found.digest);
    return hasher.blob;
  }

  /** A copy that is whole in one store says nothing about that in another. */
  #nameOf(digest: Digest): string {
    return toAddressText({ store: this.#store, digest, derivation: '' });
  }

  #report(digest: Digest): void {
    this.#corrupt.add(1);
    this.#log.error({ digest }, 'a blob is corrupt');
  }
}
