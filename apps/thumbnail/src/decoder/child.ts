/**
 * The process that decodes. It is started by Decoder and gets its jobs from there, one at a time, on standard input;
 * it has no secrets, no connections and nothing to lose, so that it can be killed at any moment.
 */
import { MediaError } from '@medley/domain/media-error';
import { makeThumbnails } from '../pipeline/make-thumbnails.ts';
import { restrictLoaders } from '../pipeline/restrict-loaders.ts';
import { readFrames, writeFrame, type Frame } from './frame.ts';
import { watchMemory } from './memory.ts';
import type { Answer, Job } from './protocol.ts';

const MAX_SOURCE_BYTES = 2 ** 32 - 1;
const MAX_GARBAGE_BYTES = 32 * 2 ** 20;

/** What Node says when the kernel gives it no more. */
const OUT_OF_MEMORY = /allocat/;

restrictLoaders();
send({ kind: 'ready' });
// Not awaited, so that the end of the input is noticed while a decode hangs.
for await (const frame of readFrames(process.stdin, MAX_SOURCE_BYTES)) void work(frame);
// The service is gone. A plain exit would wait for the thread that decodes.
process.kill(process.pid, 'SIGKILL');

async function work({ header, body }: Frame): Promise<void> {
  const { specs, limits } = header as Job;
  using _watch = watchMemory(limits.maxMemoryBytes);
  try {
    for await (const thumbnail of makeThumbnails(body, specs, limits)) send({ kind: 'made' }, thumbnail);
    send({ kind: 'done' });
  } catch (error) {
    send(toFailure(error));
  } finally {
    collectGarbage();
  }
}

/** Pixels are garbage that the collector does not feel, and the next job would pay for. */
function collectGarbage(): void {
  if (process.memoryUsage().arrayBuffers > MAX_GARBAGE_BYTES) globalThis.gc?.();
}

function toFailure(error: unknown): Answer {
  if (error instanceof MediaError) return { kind: 'failed', reason: error.reason, message: error.message, detail: String(error.cause) };
  if (error instanceof RangeError && OUT_OF_MEMORY.test(error.message)) return { kind: 'failed', reason: 'TOO_LARGE', message: 'More memory to decode than the limit allows', detail: error.message };
  return { kind: 'broken', detail: error instanceof Error ? String(error.stack) : String(error) };
}

function send(answer: Answer, body?: Uint8Array): void {
  writeFrame(process.stdout, answer, body);
}
