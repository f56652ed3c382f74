import { randomUUID } from 'node:crypto';
import type { LaneResponse } from '@medley/byte-lane/byte-lane';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import type { Digest } from '@medley/domain/digest';
import { isReason, MediaError } from '@medley/domain/media-error';
import { faultPoint } from '@medley/fault-points/fault-point';
import { expectBytes, limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import { abortable } from '@medley/streams/abortable';
import { BlobHasher } from '../../blob-hasher.ts';
import { BLOB_FOLDERS, OWNER_FOLDER, parseBlobPath, STAGING_FOLDER, toBlobPath, toDerivedFolder } from '../../blob-path.ts';
import type { BlobVerifier } from '../../blob-verifier.ts';
import type { BlobLocation, ListedBlob, OwnableStore, PublicHeaders, PutOptions, StoredBlob, SweptStaging } from '../../ports/blob-store.ts';
import { isWhole, rangeNotSatisfiable, rangeWithin } from '../../range-within.ts';
import type { Bucket } from './bucket.ts';
import { MultipartUpload } from './multipart-upload.ts';
import { EMPTY_PART, readParts } from './part-reader.ts';
import { isDenied, prepareBucket } from './prepare-bucket.ts';
import type { PublicLinks } from './public-links.ts';
import type { S3Connection } from './s3-connection.ts';
import { toS3MediaError } from './s3-errors.ts';
import { sweepStaging } from './sweep-staging.ts';
import type { UploadMemory } from './upload-memory.ts';
import { UploadShares } from './upload-shares.ts';

/** Where in a server one store lies. */
export interface S3Place {
  readonly bucket: string;
  /** Stands before every name: empty, or like `media/`. */
  readonly prefix: string;
}

/** What S3 copies in one step. */
const MAX_BLOB_BYTES = 5 * 2 ** 30;

/** Opens a store in a bucket. Returns at once: the bucket is looked for, and made if need be, as soon as S3 answers. */
export function openS3BlobStore(connection: S3Connection, place: S3Place, log: Logger, verifier: BlobVerifier): OwnableStore {
  return new S3BlobStore(connection, place, log, verifier);
}

/** Blobs as objects of one bucket, of at most 5 GiB each. */
class S3BlobStore implements OwnableStore {
  readonly #bucket: Bucket;
  readonly #publicLinks: PublicLinks | undefined;
  readonly #prefix: string;
  readonly #partBytes: number;
  readonly #memory: UploadMemory;
  readonly #log: Logger;
  readonly #verifier: BlobVerifier;
  readonly #closing = new AbortController();
  readonly #preparing: Promise<void>;

  constructor(connection: S3Connection, { bucket, prefix }: S3Place, log: Logger, verifier: BlobVerifier) {
    this.#bucket = connection.bucket(bucket, log);
    this.#publicLinks = connection.publicLinks(bucket);
    this.#prefix = prefix;
    this.#partBytes = connection.partBytes;
    this.#memory = connection.memory;
    this.#log = log;
    this.#verifier = verifier;
    this.#preparing = prepareBucket({ bucket: this.#bucket, region: connection.region, stagingPrefix: this.#stagingPrefix, log }, this.#closing.signal);
  }

  /** A body of one part is one request to its final place; a larger one is gathered under a name of its own, then copied. */
  async put(source: ByteStream, options: PutOptions, uploadSignal: AbortSignal): Promise<StoredBlob> {
    const hasher = new BlobHasher();
    const target = (): string => this.#objectOf(options.derivedKey ?? originalKey(hasher.blob.digest));
    const maxBytes = Math.min(options.maxBytes, options.declaredBytes ?? Infinity, MAX_BLOB_BYTES);
    const shares = new UploadShares(this.#memory, uploadSignal);
    const { signal } = shares;
    const bytes = limitBytes(abortable(source, signal), maxBytes);
    await using upload = new MultipartUpload(this.#bucket, `${this.#stagingPrefix}${randomUUID()}`, this.#log, signal);
    for await (const part of readParts(bytes, { partBytes: this.#partBytes, maxBytes, hasher, shares })) {
      if (part.isLast && !upload.hasBegun) await this.#bucket.putAndRelease(target(), part, signal);
      else await upload.send(part);
    }
    if (upload.hasBegun) await upload.complete(target(), hasher.blob.sizeBytes);
    await faultPoint('storage.put.copied');
    return hasher.blob;
  }

  async *open(key: BlobKey, range: ByteRange | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (range?.length === 0) {
      // HTTP has no word for an empty range.
      const sizeBytes = await this.stat(key, signal);
      rangeWithin(range, sizeBytes);
      if (sizeBytes > 0) return;
    }
    const response = await this.#bucket.get(this.#objectOf(key), range?.length === 0 ? undefined : range, signal);
    const found = toFoundObject(response);
    if (range !== undefined && found.bodyBytes !== range.length) {
      response.body.destroy();
      throw rangeNotSatisfiable();
    }
    try {
      const bytes = expectBytes(response.body, found.bodyBytes);
      const mustVerify = key.derivation === '' && isWhole(range, found.sizeBytes);
      yield* mustVerify ? this.#verifier.pass(bytes, { digest: key.digest, ...found }) : bytes;
    } catch (error) {
      signal.throwIfAborted();
      throw toS3MediaError(error);
    }
  }

  async verify(digest: Digest, signal: AbortSignal): Promise<StoredBlob> {
    const response = await this.#bucket.get(this.#objectOf(originalKey(digest)), undefined, signal);
    const found = toFoundObject(response);
    try {
      return await this.#verifier.examine(expectBytes(response.body, found.bodyBytes), { digest, ...found });
    } catch (error) {
      signal.throwIfAborted();
      throw toS3MediaError(error);
    }
  }

  async stat(key: BlobKey, signal: AbortSignal): Promise<number> {
    try {
      return await this.#bucket.stat(this.#objectOf(key), signal);
    } catch (error) {
      // The answer to a HEAD has no body that tells a missing bucket from a missing object. Originals are asked for because a record
      // names them, so few are missing; whoever misses what is derived asks for its source next.
      if (isReason(error, 'NOT_FOUND') && key.derivation === '') await this.check(signal);
      throw error;
    }
  }

  async delete(key: BlobKey, signal: AbortSignal, storedAtMs?: number): Promise<number | undefined> {
    const object = this.#objectOf(key);
    const found = await this.#bucket.find(object, signal).catch((error: unknown) => {
      // May not list the bucket: then nobody hears what was freed.
      if (storedAtMs === undefined && isDenied(error)) return undefined;
      throw error;
    });
    if (storedAtMs !== undefined && found?.storedAtMs !== storedAtMs) return undefined;
    await this.#bucket.remove(object, signal);
    return found?.sizeBytes;
  }

  async deleteDerived(digest: Digest, signal: AbortSignal): Promise<number> {
    let freedBytes = 0;
    for await (const { name, sizeBytes } of this.#bucket.list(`${this.#prefix}${toDerivedFolder(digest)}/`, '', signal)) {
      await this.#bucket.remove(name, signal);
      freedBytes += sizeBytes;
    }
    return freedBytes;
  }

  sweepStaging(begunBeforeMs: number, dryRun: boolean, signal: AbortSignal): Promise<SweptStaging> {
    return sweepStaging(this.#bucket, { stagingPrefix: this.#stagingPrefix, begunBeforeMs, dryRun }, signal);
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

  async locatePublic(key: BlobKey, headers: PublicHeaders, ttlMs: number): Promise<string | undefined> {
    return this.#publicLinks?.toObject(this.#objectOf(key), headers, ttlMs);
  }

  async check(signal: AbortSignal): Promise<void> {
    const exists = await this.#bucket.exists(signal).catch((error: unknown) => {
      // It answers; that it does not let us look says nothing about the blobs.
      if (isDenied(error)) return true;
      throw error;
    });
    if (!exists) throw new MediaError('SERVICE_UNAVAILABLE', 'The bucket is missing');
  }

  async owners(signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      const names = await Array.fromAsync(this.#bucket.list(this.#ownerPrefix, '', signal));
      return names.map(({ name }) => name.slice(this.#ownerPrefix.length));
    } catch (error) {
      if (isDenied(error)) return undefined;
      throw error;
    }
  }

  async claim(owner: string, signal: AbortSignal): Promise<void> {
    await this.#bucket.putAndRelease(`${this.#ownerPrefix}${owner}`, EMPTY_PART, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#preparing;
  }

  get #ownerPrefix(): string {
    return `${this.#prefix}${OWNER_FOLDER}/`;
  }

  get #stagingPrefix(): string {
    return `${this.#prefix}${STAGING_FOLDER}/`;
  }

  #objectOf(key: BlobKey): string {
    return this.#prefix + toBlobPath(key);
  }
}

interface FoundObject {
  /** What the answer carries: all of the object, or the range that was asked for. */
  readonly bodyBytes: number;
  readonly sizeBytes: number;
  readonly stamp: string;
}

/** What the headers of an answer say. The size is part of the stamp, so that half an object is never taken for one that is known. */
function toFoundObject(response: LaneResponse): FoundObject {
  const bodyBytes = Number(response.header('content-length'));
  const total = /\/(\d+)$/.exec(response.header('content-range') ?? '')?.at(1);
  const sizeBytes = total === undefined ? bodyBytes : Number(total);
  return { bodyBytes, sizeBytes, stamp: `${response.header('etag')} ${sizeBytes}` };
}
