import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { RequestBody } from '../http/parse/request-body.ts';

/** What is told where a record may have come to be all the same. */
const UNCERTAIN: readonly MediaErrorReason[] = ['SERVICE_UNAVAILABLE', 'TIMED_OUT', 'INTERNAL'];

/** Room for one upload, from before its body is read until its record counts; disposing of it gives the room back. */
export class QuotaRoom implements AsyncDisposable {
  /** The body, which is cut where the room ends. */
  readonly body: RequestBody;
  readonly #release: (isUsed: boolean | undefined) => Promise<void>;
  #isUsed: boolean | undefined = false;

  /** `release` is told whether the upload was recorded; `undefined`, where nobody knows. */
  constructor(body: RequestBody, release: (isUsed: boolean | undefined) => Promise<void>) {
    this.body = body;
    this.#release = release;
  }

  /** Runs `record`, by which the upload is recorded: from then on the record counts. */
  async fill<Result>(record: () => Promise<Result>): Promise<Result> {
    try {
      const result = await record();
      this.#isUsed = true;
      return result;
    } catch (error) {
      const isRefused = error instanceof MediaError && !UNCERTAIN.includes(error.reason);
      this.#isUsed = isRefused ? false : undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release(this.#isUsed);
  }
}

/** A body of which no more than `maxBytes` is read; further ones fail with what `refuse` makes. */
export function cutBody(body: RequestBody, maxBytes: number, refuse: () => Error): RequestBody {
  if (maxBytes >= (body.declaredBytes ?? body.maxBytes)) return body;
  return { ...body, maxBytes, bytes: cut(body.bytes, maxBytes, refuse) };
}

async function* cut(bytes: ByteStream, maxBytes: number, refuse: () => Error): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw refuse();
    yield chunk;
  }
}
