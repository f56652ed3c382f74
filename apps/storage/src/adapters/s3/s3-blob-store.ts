import { randomUUID } from 'node:crypto';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import { expectBytes, limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import { abortable } from '@medley/streams/abortable';
import { BlobHasher } from '../../blob-hasher.ts';
import { BLOB_FOLDERS, parseBlobPath, STAGING_FOLDER, toBlobPath } from '../../blob-path.ts';
import type { BlobLocation, BlobStore, ListedBlob, PutOptions, StoredBlob } from '../../ports/blob-store.ts';
import { rangeNotSatisfiable, rangeWithin } from '../../range-within.ts';
import { Bucket } from './bucket.ts';
import { createMinioClient, type S3Server } from './minio-client.ts';
import { MultipartUpload } from './multipart-upload.ts';
import { readParts } from './part-reader.ts';
import { isDenied, prepareBucket } from './prepare-bucket.ts';
import { toS3MediaError } from './s3-errors.ts';

export interface S3Options extends S3Server {
  readonly bucket: string;
  /** Stands before every name: empty, or like `media/`. */
  readonly prefix: string;
  /** What one request carries; raised to S3's own minimum. An upload keeps at most two parts in memory. */
  readonly partBytes: number;
}

const MIB = 2 ** 20;
const MIN_PART_BYTES = 5 * MIB;
/** What S3 copies in one step. */
const MAX_BLOB_BYTES = 5 * 1024 * MIB;

/** Opens a store in a bucket. Returns at once: the bucket is looked for, and made if need be, as soon as S3 answers. */
export function openS3BlobStore(options: S3Options, log: Logger): BlobStore {
  return new S3BlobStore(options, log);
}

/** Blobs as objects of one bucket, of at most 5 GiB each. */
class S3BlobStore implements BlobStore {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #partBytes: number;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #preparing: Promise<void>;

  constructor(options: S3Options, log: Logger) {
    this.#bucket = new Bucket(createMinioClient(options), options.bucket, log);
    this.#prefix = options.prefix;
    this.#partBytes = Math.max(options.partBytes, MIN_PART_BYTES);
    this.#log = log;
    const stagingPrefix = `${this.#prefix}${STAGING_FOLDER}/`;
    this.#preparing = prepareBucket({ bucket: this.#bucket, region: options.region, stagingPrefix, log }, this.#closing.signal);
  }

  /** A body of one part is one request to its final place; a larger one is gathered under a name of its own, then copied. */
  async put(source: ByteStream, { maxBytes, derivedKey }: PutOptions, signal: AbortSignal): Promise<StoredBlob> {
    const hasher = new BlobHasher();
    const target = (): string => this.#objectOf(derivedKey ?? originalKey(hasher.blob.digest));
    const bytes = limitBytes(abortable(source, signal), Math.min(maxBytes, MAX_BLOB_BYTES));
    await using upload = new MultipartUpload(this.#bucket, `${this.#prefix}${STAGING_FOLDER}/${randomUUID()}`, this.#log, signal);
    for await (const part of readParts(bytes, this.#partBytes, hasher)) {
      if (part.isLast && !upload.hasBegun) await this.#bucket.put(target(), part, signal);
      else await upload.send(part);
    }
    if (upload.hasBegun) await upload.complete(target(), hasher.blob.sizeBytes);
    return hasher.blob;
  }

  async *open(key: BlobKey, range: ByteRange | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (range?.length === 0) {
      // HTTP has no word for an empty range.
      rangeWithin(range, await this.stat(key, signal));
      return;
    }
    const response = await this.#bucket.get(this.#objectOf(key), range, signal);
    const sizeBytes = Number(response.header('content-length'));
    if (range !== undefined && sizeBytes !== range.length) {
      response.body.destroy();
      throw rangeNotSatisfiable();
    }
    try {
      yield* expectBytes(response.body, sizeBytes);
    } catch (error) {
      signal.throwIfAborted();
      throw toS3MediaError(error);
    }
  }

  stat(key: BlobKey, signal: AbortSignal): Promise<number> {
    return this.#bucket.stat(this.#objectOf(key), signal);
  }

  delete(key: BlobKey, signal: AbortSignal): Promise<void> {
    return this.#bucket.remove(this.#objectOf(key), signal);
  }

  async *list(after: BlobKey | undefined, signal: AbortSignal): AsyncGenerator<ListedBlob> {
    const afterPath = after === undefined ? '' : toBlobPath(after);
    for (const folder of BLOB_FOLDERS) {
      const isPast = afterPath > `${folder}/` && !afterPath.startsWith(`${folder}/`);
      if (isPast) continue;
      const first = afterPath.startsWith(`${folder}/`) ? `${this.#prefix}${afterPath}` : '';
      for await (const { name, ...facts } of this.#bucket.list(`${this.#prefix}${folder}/`, first, signal)) {
        const key = parseBlobPath(name.slice(this.#prefix.length));
        if (key !== undefined) yield { key, ...facts };
      }
    }
  }

  async locate(key: BlobKey, ttlMs: number): Promise<BlobLocation> {
    const seconds = Math.ceil(ttlMs / 1000);
    const url = await this.#bucket.presignGet(this.#objectOf(key), seconds);
    return { kind: 'http', url, expiresAtMs: Date.now() + ttlMs };
  }

  async check(signal: AbortSignal): Promise<void> {
    const exists = await this.#bucket.exists(signal).catch((error: unknown) => {
      // It answers; that it does not let us look says nothing about the blobs.
      if (isDenied(error)) return true;
      throw error;
    });
    if (!exists) throw new MediaError('SERVICE_UNAVAILABLE', 'The bucket is missing');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#preparing;
    await this.#bucket[Symbol.asyncDispose]();
  }

  #objectOf(key: BlobKey): string {
    return this.#prefix + toBlobPath(key);
  }
}
