import type { IncomingMessage, ServerResponse } from 'node:http';
import { readRequest } from '@medley/byte-lane/read-request';
import { limitBytes, tooLarge, type ByteStream } from '@medley/streams/byte-stream';

export interface BodyLimits {
  readonly maxBytes: number;
  /** The body is cut when nothing comes for this long. */
  readonly stallMs: number;
}

/** A request's body, and what its sender said of its length. */
export interface RequestBody {
  readonly declaredBytes: number | undefined;
  /** It is cut where it is longer. */
  readonly maxBytes: number;
  readonly bytes: ByteStream;
}

/** Requests whose sender waits for `100 Continue` before it sends the body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Remembers that a sender waits; it is told to go on when, and only if, somebody reads the body. */
export function holdContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
}

/**
 * Opens the body of a request as opaque bytes, whatever its type. Fails with TOO_LARGE at once where Content-Length
 * says so, else as soon as the limit is crossed; with REQUEST_TIMEOUT when the sender stalls; with UPLOAD_INCOMPLETE
 * when it leaves.
 */
export function openRequestBody(request: IncomingMessage, limits: BodyLimits): RequestBody {
  const length = request.headers['content-length'];
  const declaredBytes = length === undefined ? undefined : Number(length);
  if (declaredBytes !== undefined && declaredBytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return { declaredBytes, maxBytes: limits.maxBytes, bytes: readBody(request, limits) };
}

async function* readBody(request: IncomingMessage, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  waiting.get(request)?.writeContinue();
  yield* limitBytes(readRequest(request, limits.stallMs), limits.maxBytes);
}
