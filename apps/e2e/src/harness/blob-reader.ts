import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { StorageServiceDefinition } from '@medley/proto/storage';

/** Looks at what a storage service really holds, past the gateway. */
export class BlobReader {
  readonly #client: ConnectedClient<typeof StorageServiceDefinition>;

  constructor(address: string, token: string) {
    this.#client = connectService(StorageServiceDefinition, { address, token });
  }

  /** The keys of all blobs, sorted: the digest, and for a derived blob `/` and what was made of it. */
  async keys(): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#client.rpc.listBlobs({})) {
      keys.push(key?.derivation ? `${key.digest}/${key.derivation}` : (key?.digest ?? ''));
    }
    return keys.sort();
  }

  /** The digests of all originals, sorted. */
  async originals(): Promise<readonly string[]> {
    return (await this.keys()).filter((key) => !key.includes('/'));
  }

  close(): void {
    this.#client.close();
  }
}
