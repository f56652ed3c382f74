import type { IncomingMessage } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import { abortable } from '@medley/streams/abortable';

/**
 * Yields the body of a request, and fails unless it came to its end: with REQUEST_TIMEOUT when its sender says nothing for
 * `stallMs` while we wait for it, with UPLOAD_INCOMPLETE when it is cut. Leaves the connection open, so that a failure can
 * still be answered.
 */
export async function* readRequest(request: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const stalled = new AbortController();
  let isOurTurn = false;
  const timer = setTimeout(() => {
    if (!isOurTurn) stalled.abort(new MediaError('REQUEST_TIMEOUT', `Nothing was sent for ${stallMs} ms`));
  }, stallMs);
  const body = { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
  try {
    for await (const chunk of abortable(body, stalled.signal)) {
      isOurTurn = true;
      yield chunk;
      isOurTurn = false;
      timer.refresh();
    }
  } catch (error) {
    throw error instanceof MediaError ? error : uploadIncomplete(error);
  } finally {
    clearTimeout(timer);
  }
  if (!request.complete) throw uploadIncomplete();
}

function uploadIncomplete(cause?: unknown): MediaError {
  return new MediaError('UPLOAD_INCOMPLETE', 'The upload ended before its end', { cause });
}
