import type { ByteStream } from '@medley/streams/byte-stream';
import { toKey } from '../../cache/records.ts';
import type { Gateway } from '../../gateway.ts';
import { findMedia, type Lookup } from '../find-media.ts';
import { fetchTimeoutMs } from './fill.ts';
import { untilRecorded, type Arriving } from './find-remote.ts';
import { HeldBytes } from './held-bytes.ts';
import { notWhole, openFetch, type OpenFetch } from './open-fetch.ts';

/** Bytes of a file on its way. */
export interface ArrivingRange {
  readonly offset: number;
  /** Absent: to the end. */
  readonly length: number | undefined;
}

/** Bytes of media on its way that somebody wants. */
export interface ArrivingPart extends Arriving {
  readonly range: ArrivingRange;
}

/** So much of a file's end is shown only when all of it is here and may be seen: without its end a file is of little use. */
const HELD_BYTES = 64 * 1024;
/** A reader may be slower than the other server was. */
const READING_MS = 6 * 3_600_000;

/**
 * Opens a range of media that is still arriving, at its reader's pace. It never ends as if it were whole when it is not: it
 * fails with FETCH_FAILED where the other server does, with NOT_FOUND where the media turns out to be hidden, both before
 * the file's last bytes.
 */
export async function openArriving(gateway: Gateway, lookup: Lookup, part: ArrivingPart, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
  const { fetcher, fill, header: { sizeBytes }, range } = part;
  const leaving = new AbortController();
  const request = {
    ...toKey(lookup.uri), requester: lookup.fetchFor?.tenant.serverName ?? '', waitMs: 0, maxBytes: fill.maxBytes, span: range,
    onlyJoins: true, // what the fill has not fetched nobody has counted
  };
  const options = { signal: AbortSignal.any([signal, leaving.signal]), timeoutMs: fetchTimeoutMs(gateway, 0) + READING_MS };
  const opened = await openFetch(fetcher, request, options);
  const allow = async (digest: string): Promise<void> => {
    await untilRecorded(fill, lookup, signal);
    // much may have happened since, if the reader is slow
    const { media } = await findMedia(gateway, lookup, signal);
    if (media.content.digest !== digest) throw notWhole();
  };
  return endingWith(leaving, holdBack(opened, { range, sizeBytes, allow }));
}

async function* endingWith(leaving: AbortController, bytes: ByteStream): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } finally {
    leaving.abort();
  }
}

interface Holding {
  readonly range: ArrivingRange;
  /** Of the file, if that is known. */
  readonly sizeBytes: number | undefined;
  /** Says that what has this digest may be seen to its end, or fails. */
  allow(digest: string): Promise<void>;
}

/** Passes on what comes, the last bytes of the file only when they are allowed. */
async function* holdBack({ parts }: OpenFetch, { range, sizeBytes, allow }: Holding): AsyncGenerator<Uint8Array> {
  const held = new HeldBytes(range.offset);
  const end = sizeBytes === undefined ? undefined : range.offset + (range.length ?? sizeBytes - range.offset);
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const { part } = next.value;
    if (part?.$case === 'chunk') {
      held.push(part.value);
      const freeEnd = (sizeBytes ?? held.end) - HELD_BYTES;
      yield* held.release(freeEnd);
      if (end !== undefined && held.end >= end && end <= freeEnd) return;
    } else if (part?.$case === 'stored') {
      if (part.value.sizeBytes !== (sizeBytes ?? held.end) || (end ?? held.end) !== held.end) throw notWhole();
      await allow(part.value.digest);
      yield* held.release(held.end);
      return;
    }
  }
  throw notWhole();
}
