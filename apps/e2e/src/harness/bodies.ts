import { randomBytes } from 'node:crypto';

/** Bytes that nobody else has. */
export function randomBody(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** The bytes in pieces of at most `chunkBytes`. */
export async function* streamOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** `count` pieces of the same `chunk`; `between` is awaited before each. */
export async function* repeatChunk(chunk: Uint8Array, count: number, between: (index: number) => Promise<void> | void = () => {}): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    await between(index);
    yield chunk;
  }
}
