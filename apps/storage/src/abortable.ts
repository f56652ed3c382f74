import { orAbort } from '@medley/streams/abort';
import type { ByteStream } from '@medley/streams/byte-stream';

/** Passes chunks on, and throws the signal's reason as soon as it aborts, even while `source` keeps its reader waiting. */
export async function* abortable(source: ByteStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await orAbort(Promise.resolve(chunks.next()), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const closed = chunks.return?.();
    // A source that is stuck closes when it can; nobody waits for it, so its failure has nowhere to go.
    if (signal.aborted) closed?.catch(() => {});
    else await closed;
  }
}
