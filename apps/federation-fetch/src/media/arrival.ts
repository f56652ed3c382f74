import { DEFAULT_CONTENT_TYPE, parseContentType } from '@medley/domain/content-type';
import type { SafeResponse } from '@medley/safe-fetch/safe-fetch';
import type { ByteStream } from '@medley/streams/byte-stream';
import { fetchFailed } from './fetch-failed.ts';
import { fileNameOf } from './file-name.ts';
import type { MediaPart } from './multipart.ts';

/** Media that begins to arrive. */
export interface Arrival {
  readonly contentType: string;
  readonly uploadName: string | undefined;
  /** What the server said, and keeps to: the body fails otherwise. */
  readonly sizeBytes: number | undefined;
  /** It cannot be smaller, by what the server said. */
  readonly leastBytes: number;
  /** Ends cleanly only if it is whole. */
  readonly body: ByteStream;
  /** Closes its connection unless it was read to its end. */
  destroy(): void;
}

type Headers = (name: string) => string | undefined;

/** What stands around media in an answer: twice 4 KiB outside of the parts, headers, and 64 KiB of JSON. */
export const ENVELOPE_BYTES = 128 * 1024;

/** Media whose answer is the bytes themselves. Fails with FETCH_FAILED if nobody could tell whether they are whole. */
export function fromWholeAnswer(response: SafeResponse): Arrival {
  const { header, body } = response;
  const isFramed = header('content-length') !== undefined || header('transfer-encoding') !== undefined;
  if (!isFramed) {
    body.destroy();
    throw fetchFailed('The answer does not say where it ends');
  }
  const sizeBytes = toLength(response);
  return { ...describe(header, response), sizeBytes, leastBytes: sizeBytes ?? 0, body };
}

/** How many bytes a server puts after media that is a part of an answer: known from the last time, or to be learned. */
export interface Tail {
  readonly bytes: number | undefined;
  learn(bytes: number | undefined): void;
}

/**
 * Media that is a part of an answer. Its size is what the part says, or what is left of the size of the answer; that is held
 * against it.
 */
export function fromPart({ headers, body, headBytes }: MediaPart, response: SafeResponse, tail: Tail): Arrival {
  const header = (name: string): string | undefined => headers.get(name);
  const answerBytes = toLength(response);
  const leftBytes = (answerBytes ?? NaN) - headBytes;
  const sizeBytes = toSize(header('content-length')) ?? toSize(String(leftBytes - (tail.bytes ?? NaN)));
  const counted = sizeBytes === undefined ? learnTail(body, leftBytes, tail) : exactly(body, sizeBytes, tail);
  return { ...describe(header, response), sizeBytes, leastBytes: sizeBytes ?? Math.max(0, (answerBytes ?? 0) - ENVELOPE_BYTES), body: counted };
}

function describe(header: Headers, { body }: SafeResponse): Pick<Arrival, 'contentType' | 'uploadName' | 'destroy'> {
  return {
    contentType: toContentType(header('content-type')),
    uploadName: fileNameOf(header('content-disposition')),
    destroy: () => body.destroy(),
  };
}

function toContentType(text: string | undefined): string {
  try {
    return parseContentType(text);
  } catch {
    return DEFAULT_CONTENT_TYPE; // what can't stand in a header says nothing
  }
}

/** Of a body that is encoded the length says nothing. */
function toLength({ header }: SafeResponse): number | undefined {
  return header('content-encoding') === undefined ? toSize(header('content-length')) : undefined;
}

function toSize(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

async function* exactly(source: ByteStream, sizeBytes: number, tail: Tail): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const chunk of source) {
    seenBytes += chunk.byteLength;
    if (seenBytes > sizeBytes) break;
    yield chunk;
  }
  if (seenBytes === sizeBytes) return;
  tail.learn(undefined);
  throw fetchFailed(`The part has ${seenBytes} bytes or more, and ${sizeBytes} by what its server said`);
}

async function* learnTail(source: ByteStream, leftBytes: number, tail: Tail): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const chunk of source) {
    seenBytes += chunk.byteLength;
    yield chunk;
  }
  tail.learn(toSize(String(leftBytes - seenBytes)));
}
