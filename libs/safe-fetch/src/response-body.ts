import { MediaError } from '@medley/domain/media-error';
import { tooLarge, type ByteStream } from '@medley/streams/byte-stream';
import type { Answer } from './ask.ts';
import type { Course } from './course.ts';
import { decodeBody, decodersFor } from './decode-body.ts';
import { FetchFailure } from './fetch-failure.ts';

/** How much of a body is read, and what happens beyond. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly tooLarge: 'fail' | 'cut';
}

/** A decoded body under its limits and its fetch's deadline. To be read to its end, left or destroyed. */
export class ResponseBody implements ByteStream {
  readonly #bytes: ByteStream;
  readonly #answer: Answer;
  readonly #course: Course;

  /** Throws a FetchFailure if the body is encoded in a way that we do not read, and TOO_LARGE if it says that it is. */
  constructor(answer: Answer, limits: BodyLimits, course: Course) {
    this.#answer = answer;
    this.#course = course;
    const decoders = decodersFor(answer.values('content-encoding'));
    const announcedBytes = Number(answer.values('content-length')[0] ?? 0);
    if (limits.tooLarge === 'fail' && announcedBytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
    this.#bytes = limitBody(decodeBody(answer.body, decoders, limits.maxBytes), limits);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#bytes;
    } catch (error) {
      throw this.#course.explain(error);
    } finally {
      this.destroy();
    }
  }

  /** Closes the connection unless the body was read to its end. */
  destroy(): void {
    this.#course[Symbol.dispose]();
    this.#answer.body.destroy();
  }
}

async function* limitBody(source: ByteStream, { maxBytes, tooLarge: beyond }: BodyLimits): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of sound(source)) {
    const left = maxBytes - sizeBytes;
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes && beyond === 'fail') throw tooLarge(maxBytes);
    yield chunk.subarray(0, left);
    if (sizeBytes >= maxBytes && beyond === 'cut') return;
  }
}

/** Turns what breaks a body into a FetchFailure. */
async function* sound(source: ByteStream): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    if (error instanceof MediaError) throw error;
    throw new FetchFailure('RESPONSE_BROKEN', 'The body ended before its end, or is not encoded as it says', { cause: error });
  }
}
