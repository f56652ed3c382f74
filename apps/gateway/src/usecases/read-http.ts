import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneResponse } from '@medley/byte-lane/byte-lane';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import type { HttpLocation } from '@medley/proto/storage';
import { orAbort } from '@medley/streams/abort';
import { fromBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';

/** A blob that is read over HTTP. */
export interface HttpBlob {
  readonly sizeBytes: number;
  /** Where it was found. */
  readonly location: HttpLocation;
  /** Looks for it anew: the replica that had it may be gone. */
  locate(): Promise<HttpLocation>;
}

/** Bytes that come, and what changes when the stored ones do, where that is told. */
export interface HttpBody {
  readonly bytes: ByteStream;
  readonly stamp: string;
}

/** How often a location is asked for before the first byte has come. */
const MAX_ATTEMPTS = 4;
const PAUSE_MS = 200;
/** Our own data port tells no ETag: it checks blobs that changed itself. */
const NO_ETAG = 'no ETag';

/**
 * Opens a range of a blob over HTTP. A location that can't be read is looked for anew; a body that breaks off is taken up
 * once where it broke off, if the blob is still the same. Fails with NOT_FOUND where nothing is stored, and with
 * SERVICE_UNAVAILABLE.
 */
export async function readHttp(gateway: Gateway, blob: HttpBlob, range: ByteRange, signal: AbortSignal): Promise<HttpBody> {
  if (range.length === 0) return { bytes: fromBytes(Buffer.alloc(0)), stamp: NO_ETAG };
  const first = await open(gateway, blob, range, signal);
  const stamp = stampOf(first);
  const reopen = async (rest: ByteRange): Promise<ByteStream> => {
    const second = await open(gateway, { ...blob, location: await blob.locate() }, rest, signal);
    if (stampOf(second) === stamp) return second.body;
    second.body.destroy();
    throw new MediaError('BLOB_CORRUPT', 'The bytes of this media have changed while they were read');
  };
  return { bytes: resumeOnce(first.body, range, reopen, signal), stamp };
}

async function open(gateway: Gateway, blob: HttpBlob, range: ByteRange, signal: AbortSignal): Promise<LaneResponse> {
  let { location } = blob;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openAt(gateway, location, range, { sizeBytes: blob.sizeBytes, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === MAX_ATTEMPTS || (error instanceof MediaError && error.reason === 'NOT_FOUND')) throw error;
    }
    await orAbort(sleep(PAUSE_MS * attempt), signal);
    location = await blob.locate();
  }
}

interface OpenOptions {
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

async function openAt(gateway: Gateway, location: HttpLocation, range: ByteRange, { sizeBytes, signal }: OpenOptions): Promise<LaneResponse> {
  const isWhole = range.length === sizeBytes;
  const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
  const response = await gateway.lane.send(location, { method: 'GET', headers }, signal).catch((error: unknown) => {
    throw unavailable(error);
  });
  if (response.status === (isWhole ? 200 : 206)) return response;
  response.body.destroy();
  if (response.status === 404) throw new MediaError('NOT_FOUND', 'Nothing is stored there');
  throw unavailable(new Error(`status ${response.status}`));
}

/** Never yields a byte twice. */
async function* resumeOnce(
  first: ByteStream,
  range: ByteRange,
  reopen: (rest: ByteRange) => Promise<ByteStream>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let passedBytes = 0;
  try {
    for await (const chunk of first) {
      passedBytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (passedBytes >= range.length) throw error;
  }
  const rest = { offset: range.offset + passedBytes, length: range.length - passedBytes };
  if (rest.length > 0) yield* await reopen(rest);
}

function stampOf(response: LaneResponse): string {
  return response.header('etag') ?? NO_ETAG;
}

function unavailable(cause: unknown): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause, retryAfterMs: 1000 });
}
