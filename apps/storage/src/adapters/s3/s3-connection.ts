import { ByteLane } from '@medley/byte-lane/byte-lane';
import type { Logger } from '@medley/telemetry/logger';
import type { StoreCalls } from '@medley/telemetry/store-calls';
import type { Client } from 'minio';
import { Bucket } from './bucket.ts';
import { createMinioClient, type S3Server } from './minio-client.ts';
import { PublicLinks } from './public-links.ts';
import { S3Calls } from './s3-calls.ts';
import { UploadMemory } from './upload-memory.ts';

export interface S3Options extends S3Server {
  /** What one request carries; raised to S3's own minimum. An upload keeps at most two parts in memory. */
  readonly partBytes: number;
  /** What all uploads together may keep in memory; at least one part. */
  readonly uploadMemoryBytes: number;
  /** How long an upload waits for memory, in milliseconds. */
  readonly uploadWaitMs: number;
  /** Where strangers reach the same server, as `https://host`, if they do. */
  readonly publicEndpoint?: string | undefined;
}

const MIN_PART_BYTES = 5 * 2 ** 20;
const MAX_CONNECTIONS = 128;

/** What all stores on one server share: the ways to it, and the memory of uploads. To be disposed of after the stores. */
export class S3Connection implements AsyncDisposable {
  readonly region: string;
  readonly partBytes: number;
  readonly memory: UploadMemory;
  readonly #lane = new ByteLane(MAX_CONNECTIONS);
  readonly #client: Client;
  readonly #publicClient: Client | undefined;
  readonly #calls: StoreCalls | undefined;

  /** Asks the server nothing. */
  constructor(options: S3Options, calls?: StoreCalls) {
    this.region = options.region;
    this.partBytes = Math.max(options.partBytes, MIN_PART_BYTES);
    this.memory = new UploadMemory({ totalBytes: Math.max(options.uploadMemoryBytes, this.partBytes), waitMs: options.uploadWaitMs });
    this.#client = createMinioClient(options);
    this.#publicClient = options.publicEndpoint === undefined ? undefined : createMinioClient({ ...options, endpoint: options.publicEndpoint });
    this.#calls = calls;
  }

  bucket(name: string, log: Logger): Bucket {
    return new Bucket({ client: this.#client, lane: this.#lane }, name, new S3Calls(log, this.#calls));
  }

  /** Those into a bucket; `undefined` where strangers do not reach the server. */
  publicLinks(bucket: string): PublicLinks | undefined {
    return this.#publicClient && new PublicLinks(this.#publicClient, bucket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane[Symbol.asyncDispose]();
  }
}
