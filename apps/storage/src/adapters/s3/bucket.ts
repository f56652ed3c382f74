import type { ByteLane, LaneResponse } from '@medley/byte-lane/byte-lane';
import type { ByteRange } from '@medley/domain/byte-range';
import type { Client } from 'minio';
import type { Part } from './part-reader.ts';
import type { S3Calls } from './s3-calls.ts';
import { readResponseError } from './s3-errors.ts';

/** How long a URL that we use ourselves, at once, stays valid: enough for clocks that differ a little. */
const OWN_URL_SECONDS = 300;
/** What S3 tells of at once. */
const MAX_LISTED = 1000;

/** The ways to the bucket's server, for control and for bytes. */
export interface ServerWays {
  readonly client: Client;
  readonly lane: ByteLane;
}

export interface ListedObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly storedAtMs: number;
}

export interface UnfinishedUpload {
  readonly object: string;
  readonly uploadId: string;
  readonly begunAtMs: number;
}

/** Which part of which upload. */
export interface UploadPart {
  readonly id: string;
  readonly part: number;
}

/** A part that S3 has taken. */
export interface SentPart {
  readonly part: number;
  readonly etag: string;
}

/**
 * One bucket. Control goes through minio, bytes go over the byte lane to presigned URLs: given a stream, minio resumes
 * other uploads of the same key, stores short objects as whole and lets a source's failure end the process.
 * Requests that may be made twice are, after a passing failure. Fails with a MediaError where S3 fails.
 */
export class Bucket {
  readonly #client: Client;
  readonly #name: string;
  readonly #calls: S3Calls;
  readonly #lane: ByteLane;

  constructor({ client, lane }: ServerWays, name: string, calls: S3Calls) {
    this.#client = client;
    this.#lane = lane;
    this.#name = name;
    this.#calls = calls;
  }

  /** Sends one object or, with `upload`, one part of it, and releases its memory. Answers its ETag once S3 has acknowledged it. */
  async putAndRelease(object: string, part: Part, signal: AbortSignal, upload?: UploadPart): Promise<string> {
    try {
      const etag = await this.#put(object, part, signal, upload);
      part.release(true);
      return etag;
    } finally {
      part.release(false);
    }
  }

  #put(object: string, { md5, sizeBytes, blocks }: Part, signal: AbortSignal, upload?: UploadPart): Promise<string> {
    const params = upload === undefined ? {} : { uploadId: upload.id, partNumber: String(upload.part) };
    const headers = { 'content-md5': md5, 'content-length': String(sizeBytes) };
    return this.#calls.twice('put', async () => {
      const url = await this.#client.presignedUrl('PUT', this.#name, object, OWN_URL_SECONDS, params);
      const [first, second] = blocks;
      const body = second === undefined && first !== undefined ? first : fromBlocks(blocks);
      const response = await this.#lane.send({ url }, { method: 'PUT', headers, body }, signal);
      if (response.status !== 200) throw await readResponseError(response);
      await drain(response);
      return response.header('etag') ?? '';
    }, signal);
  }

  /** Opens an object, or a range of it, for reading. The body must be read to its end or left. */
  get(object: string, range: ByteRange | undefined, signal: AbortSignal): Promise<LaneResponse> {
    const headers: Record<string, string> = range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    return this.#calls.twice('get', async () => {
      const url = await this.presignGet(object, OWN_URL_SECONDS);
      const response = await this.#lane.send({ url }, { method: 'GET', headers }, signal);
      if (response.status !== (range === undefined ? 200 : 206)) throw await readResponseError(response);
      return response;
    }, signal);
  }

  presignGet(object: string, seconds: number): Promise<string> {
    return this.#client.presignedUrl('GET', this.#name, object, seconds);
  }

  /** The size of an object in bytes. Fails with NOT_FOUND. */
  async stat(object: string, signal: AbortSignal): Promise<number> {
    return (await this.#calls.twice('stat', () => this.#client.statObject(this.#name, object), signal)).size;
  }

  async remove(object: string, signal: AbortSignal): Promise<void> {
    await this.#calls.twice('remove', () => this.#client.removeObject(this.#name, object), signal);
  }

  /** Copies within the bucket, on the server's side, in one step; of at most 5 GiB. */
  async copy(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.#calls.twice('copy', () => this.#client.copyObject(this.#name, to, `/${this.#name}/${from}`), signal);
  }

  /** Every object whose name begins with `prefix` and is greater than `after`, in the order of their names. */
  async *list(prefix: string, after: string, signal: AbortSignal): AsyncGenerator<ListedObject> {
    for (let last: string | undefined = after; last !== undefined; ) {
      const { objects, isTruncated } = await this.#listPage(prefix, last, MAX_LISTED, signal);
      yield* objects;
      last = isTruncated ? objects.at(-1)?.name : undefined;
    }
  }

  /** An object as `list` tells it; `undefined` where there is none. */
  async find(object: string, signal: AbortSignal): Promise<ListedObject | undefined> {
    const { objects } = await this.#listPage(object, '', 1, signal);
    return objects.find(({ name }) => name === object);
  }

  async #listPage(prefix: string, after: string, max: number, signal: AbortSignal): Promise<{ objects: ListedObject[]; isTruncated: boolean }> {
    const page = await this.#calls.twice('list', () => this.#client.listObjectsV2Query(this.#name, prefix, '', '', max, after), signal);
    const objects = page.objects.flatMap(({ name, size, lastModified }) =>
      name === undefined || lastModified === undefined ? [] : [{ name, sizeBytes: size, storedAtMs: lastModified.getTime() }],
    );
    return { objects, isTruncated: page.isTruncated };
  }

  /**
   * The uploads of objects below `prefix` that were begun and neither completed nor aborted. Asks for those of the whole
   * bucket: MinIO tells them for no prefix, or for the exact name of an object, and for nothing in between.
   */
  async *listUploads(prefix: string, signal: AbortSignal): AsyncGenerator<UnfinishedUpload> {
    let [key, id] = ['', ''];
    for (let isTruncated = true; isTruncated; ) {
      const page = await this.#calls.twice('list_uploads', () => this.#client.listIncompleteUploadsQuery(this.#name, '', key, id, ''), signal);
      for (const upload of page.uploads) {
        if (upload.key.startsWith(prefix)) yield { object: upload.key, uploadId: upload.uploadId, begunAtMs: upload.initiated.getTime() };
      }
      [key, id, isTruncated] = [page.nextKeyMarker, page.nextUploadIdMarker, page.isTruncated];
    }
  }

  beginUpload(object: string, signal: AbortSignal): Promise<string> {
    return this.#calls.twice('begin_upload', () => this.#client.initiateNewMultipartUpload(this.#name, object, {}), signal);
  }

  /** May find that there is no such upload any more (NOT_FOUND) where the answer to the first try was lost: S3 forgets an upload with its completion. */
  async completeUpload(object: string, uploadId: string, parts: readonly SentPart[], signal: AbortSignal): Promise<void> {
    await this.#calls.twice('complete_upload', () => this.#client.completeMultipartUpload(this.#name, object, uploadId, [...parts]), signal);
  }

  async abortUpload(object: string, uploadId: string, signal: AbortSignal): Promise<void> {
    await this.#calls.twice('abort_upload', () => this.#client.abortMultipartUpload(this.#name, object, uploadId), signal);
  }

  exists(signal: AbortSignal): Promise<boolean> {
    return this.#calls.once('exists', () => this.#client.bucketExists(this.#name), signal);
  }

  async make(region: string, signal: AbortSignal): Promise<void> {
    await this.#calls.once('make', () => this.#client.makeBucket(this.#name, region), signal);
  }
}

async function* fromBlocks(blocks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* blocks;
}

/** Reads an answer to its end, so that its connection can be used again. */
async function drain(response: LaneResponse): Promise<void> {
  for await (const _chunk of response.body);
}
