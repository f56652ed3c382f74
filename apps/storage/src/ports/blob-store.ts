import type { BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import type { Digest } from '@medley/domain/digest';
import type { ByteStream } from '@medley/streams/byte-stream';

export interface StoredBlob {
  /** Of exactly the bytes stored. */
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface PutOptions {
  /** More than this fails with TOO_LARGE. */
  readonly maxBytes: number;
  /** The key of a derived blob; without it the blob is an original and lies under its own digest. */
  readonly derivedKey?: BlobKey | undefined;
  /** Whether it could be had again, as everything derived can: a disk that becomes full takes no more of these first. */
  readonly isCopy?: boolean | undefined;
  /** What the sender says it sends; without it the size is not known before the end. */
  readonly declaredBytes?: number | undefined;
}

export interface ListedBlob {
  readonly key: BlobKey;
  readonly sizeBytes: number;
  /** When its bytes were last put, in Unix milliseconds. */
  readonly storedAtMs: number;
}

/** What unfinished uploads left, and was removed or would be. */
export interface SweptStaging {
  readonly removedCount: number;
  /** The parts of multipart uploads are not counted: S3 tells their sizes only one by one. */
  readonly freedBytes: number;
}

/** What the reader of a public URL is told: the values of two HTTP headers. */
export interface PublicHeaders {
  readonly contentType: string;
  readonly disposition: string;
}

/** Where a blob can be read without going through the store. */
export type BlobLocation =
  /** A file that is exactly the blob. */
  | { readonly kind: 'path'; readonly path: string }
  /** Answers GET, also with one Range, until it expires (Unix milliseconds). */
  | { readonly kind: 'http'; readonly url: string; readonly expiresAtMs: number };

/**
 * Keeps immutable bytes under keys. Every method fails with SERVICE_UNAVAILABLE while the store can't be reached or
 * used, and rejects with the signal's reason when it aborts.
 */
export interface BlobStore extends AsyncDisposable {
  /**
   * Stores the bytes of `source` durably. All or nothing: if `source` throws or `signal` aborts before its end, nothing
   * is stored and nothing stays behind. Bytes that are there already are stored once, and count as put now. Fails with
   * TOO_LARGE, with STORAGE_FULL, or with what `source` throws.
   */
  put(source: ByteStream, options: PutOptions, signal: AbortSignal): Promise<StoredBlob>;

  /**
   * Reads a blob, or one range of it. Opens with the first read and closes when the loop ends or is left. Fails with
   * NOT_FOUND, with RANGE_NOT_SATISFIABLE where the range is not within the blob, and with BLOB_CORRUPT where fewer
   * bytes come than there must be. An original that is read as a whole fails with BLOB_CORRUPT, too, before its last
   * chunk, where its bytes are not what its digest says (see BlobVerifier). A part of one, or a derived blob, is passed
   * on as it is: neither has a digest of its own.
   */
  open(key: BlobKey, range: ByteRange | undefined, signal: AbortSignal): ByteStream;

  /** The size of a blob in bytes. Fails with NOT_FOUND. */
  stat(key: BlobKey, signal: AbortSignal): Promise<number>;

  /** Reads all of an original, and answers what there is under its digest. Fails with NOT_FOUND. */
  verify(digest: Digest, signal: AbortSignal): Promise<StoredBlob>;

  /**
   * Removes a blob and answers how many bytes that freed; nothing when there is none. With `storedAtMs` only a blob that was
   * last put at exactly the time that `list` tells: one that was put later stays. S3 has no such condition, so there a
   * put between the look and the removal, milliseconds later, is removed as well.
   */
  delete(key: BlobKey, signal: AbortSignal, storedAtMs?: number): Promise<number | undefined>;

  /** Removes everything that was derived from `digest`, and answers how many bytes that freed. */
  deleteDerived(digest: Digest, signal: AbortSignal): Promise<number>;

  /** Removes what uploads left that began before `begunBeforeMs` and that nobody finished; with `dryRun` only counts it. */
  sweepStaging(begunBeforeMs: number, dryRun: boolean, signal: AbortSignal): Promise<SweptStaging>;

  /** Every blob after `after` in key order: originals by digest, then derived blobs by source digest and derivation. */
  list(after: BlobKey | undefined, signal: AbortSignal): AsyncIterable<ListedBlob>;

  /** Where a blob can be read directly; says nothing about whether there is one. */
  locate(key: BlobKey, ttlMs: number): Promise<BlobLocation>;

  /** A URL by which strangers can read a blob until it expires; `undefined` where they can't reach the store. Says nothing about whether there is one. */
  locatePublic(key: BlobKey, headers: PublicHeaders, ttlMs: number): Promise<string | undefined>;

  /** Succeeds when the store can be used now. */
  check(signal: AbortSignal): Promise<void>;
}

/** A store that can say whose it is, by names that lie beside the blobs and that no list of blobs shows. */
export interface OwnableStore extends BlobStore {
  /** All who have claimed it; `undefined` where one may not look. */
  owners(signal: AbortSignal): Promise<readonly string[] | undefined>;

  /** Says for good that it is `owner`'s. */
  claim(owner: string, signal: AbortSignal): Promise<void>;
}
