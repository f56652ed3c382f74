import type { IncomingMessage } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import { abortable } from '@medley/streams/abortable';
import { Pace } from '@medley/streams/pace';

/**
 * Yields the body of a request, and fails unless it came to its end: with REQUEST_TIMEOUT when its sender, while we wait for
 * it, sends less than 1 KiB for each second of `stallMs` in such a time, with UPLOAD_INCOMPLETE when it is cut. Leaves the
 * connection open, so that a failure can still be answered.
 */
export async function* readRequest(request: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const stalled = new AbortController();
  using pace = new Pace(stallMs, () => stalled.abort(new MediaError('REQUEST_TIMEOUT', `Too little was sent for ${stallMs} ms`)));
  const body = { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
  try {
    pace.wait();
    for await (const chunk of abortable(body, stalled.signal)) {
      pace.moved(chunk.byteLength);
      yield chunk;
      pace.wait();
    }
  } catch (error) {
    throw error instanceof MediaError ? error : uploadIncomplete(error);
  }
  if (!request.complete) throw uploadIncomplete();
}

function uploadIncomplete(cause?: unknown): MediaError {
  return new MediaError('UPLOAD_INCOMPLETE', 'The upload ended before its end', { cause });
}
