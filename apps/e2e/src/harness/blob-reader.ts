import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService } from '@medley/grpc/client';
import { StorageServiceDefinition } from '@medley/proto/storage';

/** Looks at what a storage service really holds in the common store, past the gateway. */
export class BlobReader {
  readonly #address: string;
  readonly #token: string;

  constructor(address: string, token: string) {
    this.#address = address;
    this.#token = token;
  }

  /** The keys of all blobs, sorted: the digest, and for a derived blob `/` and what was made of it. */
  async keys(): Promise<readonly string[]> {
    // Each time anew: a channel that lost its service to a test pauses before it tries again.
    const client = connectService(StorageServiceDefinition, { address: this.#address, token: this.#token });
    try {
      const keys: string[] = [];
      for await (const { key } of client.rpc.listBlobs({ store: COMMON_STORE })) {
        keys.push(key?.derivation ? `${key.digest}/${key.derivation}` : (key?.digest ?? ''));
      }
      return keys.sort();
    } finally {
      client.close();
    }
  }

  /** The digests of all originals, sorted. */
  async originals(): Promise<readonly string[]> {
    return (await this.keys()).filter((key) => !key.includes('/'));
  }
}
