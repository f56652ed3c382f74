import type { Client } from 'minio';
import type { PublicHeaders } from '../../ports/blob-store.ts';

/** Makes URLs for strangers. The host is a part of what is signed, so they must be made for the very one that strangers use. */
export class PublicLinks {
  readonly #client: Client;
  readonly #bucket: string;

  /** `client` knows the server by the name that strangers know it by. */
  constructor(client: Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** A URL that answers GET, also with a Range, with these headers. Nothing is asked for it. */
  toObject(object: string, { contentType, disposition }: PublicHeaders, ttlMs: number): Promise<string> {
    const headers = { 'response-content-type': contentType, 'response-content-disposition': disposition, 'response-cache-control': 'private, no-store' };
    return this.#client.presignedUrl('GET', this.#bucket, object, Math.ceil(ttlMs / 1000), headers);
  }
}
