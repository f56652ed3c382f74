import type { ByteStream } from './byte-stream.ts';

/** Passes chunks on, and throws the signal's reason as soon as it aborts, even while `source` keeps its reader waiting. */
export async function* abortable(source: ByteStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let giveUp: (reason: unknown) => void = () => {};
  const onAbort = (): void => giveUp(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      // No race with one promise of the abort: that would gather a reaction for every chunk.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject;
        chunks.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    const closed = chunks.return?.();
    // A source that is stuck closes when it can; nobody waits for it, so its failure has nowhere to go.
    if (signal.aborted) closed?.catch(() => {});
    else await closed;
  }
}
