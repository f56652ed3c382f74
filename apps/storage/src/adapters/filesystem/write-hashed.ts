import type { FileHandle } from 'node:fs/promises';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { ByteStream } from '@medley/streams/byte-stream';
import { BlobHasher } from '../../blob-hasher.ts';
import type { StoredBlob } from '../../ports/blob-store.ts';

/** One write carries about this much: 1.4 times the speed of a write per chunk. A smaller body is one write. */
const BATCH_BYTES = 512 * 1024;
/** Bounds what a batch of tiny chunks holds besides their bytes. */
const BATCH_CHUNKS = 256;

/** Writes a stream to the beginning of an empty file and hashes what it writes. Not yet durable when it returns. */
export async function writeHashed(file: FileHandle, source: ByteStream): Promise<StoredBlob> {
  const hasher = new BlobHasher();
  const writer = new BatchWriter(file);
  for await (const chunk of source) {
    hasher.update(chunk);
    await writer.add(chunk);
  }
  await writer.flush();
  return hasher.blob;
}

/** Gathers chunks into batches and writes one while the next fills. */
class BatchWriter {
  readonly #file: FileHandle;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #position = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    return this.#bytes >= BATCH_BYTES || this.#chunks.length >= BATCH_CHUNKS ? this.#submit() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#bytes > 0) await this.#submit();
    await this.#running;
  }

  async #submit(): Promise<void> {
    await this.#running;
    this.#running = this.#write(this.#chunks, this.#position);
    // Whoever submits or flushes next hears of it; if the source fails before, its own failure is the one that counts.
    this.#running.catch(() => {});
    this.#position += this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
  }

  async #write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    await writeAll(this.#file, chunks, position);
    if (position === 0) await faultPoint('storage.put.mid-stream');
  }
}

/** A write may be cut short where the disk is nearly full; then the next one tells. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let rest = chunks;
  for (let at = position; rest.length > 0; ) {
    const { bytesWritten } = await file.writev(rest, at);
    at += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
}

/** What is left of `chunks` without their first `count` bytes. */
export function dropBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  const first = chunks.findIndex((chunk) => {
    if (left < chunk.byteLength) return true;
    left -= chunk.byteLength;
    return false;
  });
  if (first === -1) return [];
  const [head, ...tail] = chunks.slice(first);
  return head === undefined ? [] : [head.subarray(left), ...tail];
}
