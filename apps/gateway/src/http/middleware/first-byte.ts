import type { ServerResponse } from 'node:http';

/** Notes when the head of an answer goes out. The result tells it, by the monotonic clock in milliseconds, once it has. */
export function noteFirstByte(response: ServerResponse): () => number | undefined {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse; // one of its many forms; all are passed on
  let at: number | undefined;
  response.writeHead = (...args: unknown[]) => {
    at ??= performance.now();
    return writeHead(...args);
  };
  return () => at;
}
