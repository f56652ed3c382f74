import { createHash, randomUUID } from 'node:crypto';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import { parseDigest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { expectBytes, limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import { abortable } from '../../abortable.ts';
import { BLOB_FOLDERS, parseBlobPath, STAGING_FOLDER, toBlobPath } from '../../blob-path.ts';
import type { BlobLocation, BlobStore, ListedBlob, PutOptions, StoredBlob } from '../../ports/blob-store.ts';
import { rangeNotSatisfiable } from '../../range-within.ts';
import { Bucket } from './bucket.ts';
import { createMinioClient, type S3Server } from './minio-client.ts';
import { MultipartUpload } from './multipart-upload.ts';
import { readParts, type Part } from './part-reader.ts';
import { prepareBucket } from './prepare-bucket.ts';
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

/** Blobs as objects of one bucket, of at most 5 GiB. */
class S3BlobStore implements BlobStore {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #partBytes: number;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #preparing: Promise<void>;

  constructor(options: S3Options, log: Logger) {
    this.#bucket = new Bucket(createMinioClient(options), options.bucket);
    this.#prefix = options.prefix;
    this.#partBytes = Math.max(options.partBytes, MIN_PART_BYTES);
    this.#log = log;
    const stagingPrefix = `${this.#prefix}${STAGING_FOLDER}/`;
    this.#preparing = prepareBucket({ bucket: this.#bucket, region: options.region, stagingPrefix, log }, this.#closing.signal);
  }

  async put(source: ByteStream, { maxBytes, derivedKey }: PutOptions, signal: AbortSignal): Promise<StoredBlob> {
    const hashed = new HashedSource(limitBytes(abortable(source, signal), Math.min(maxBytes, MAX_BLOB_BYTES)));
    const target = (): string => this.#objectOf(derivedKey ?? originalKey(hashed.stored.digest));
    await using parts = readParts(hashed, this.#partBytes);
    const first = await parts.next();
    if (first.done === true) throw new Error('a stream has at least one part');
    if (first.value.isLast) await this.#log_failures(() => this.#bucket.put(target(), first.value, signal));
    else await this.#putLarge(first.value, parts, hashed, target, signal);
    return hashed.stored;
  }
}
