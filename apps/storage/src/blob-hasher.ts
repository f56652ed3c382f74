import { createHash } from 'node:crypto';
import { parseDigest } from '@medley/domain/digest';
import type { StoredBlob } from './ports/blob-store.ts';

/** Counts and hashes bytes on their way to a store. */
export class BlobHasher {
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.byteLength;
  }

  /** What has passed so far. */
  get blob(): StoredBlob {
    return { digest: parseDigest(this.#hash.copy().digest('hex')), sizeBytes: this.#sizeBytes };
  }
}
