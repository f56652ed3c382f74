import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { parseServerName } from '@medley/domain/server-name';
import { parseSide, parseThumbnailMethod } from '@medley/domain/thumbnail-spec';
import type { CallContext } from '@medley/grpc/server';
import type { FetchMediaRequest, FetchMediaResponse, RemoteThumbnail } from '@medley/proto/federation-fetch';
import { orAbort } from '@medley/streams/abort';
import { remoteTooLarge } from '../media/fetch-failed.ts';
import type { Begun } from '../media/flight.ts';
import type { Boarded, Flights } from '../media/flights.ts';
import type { MediaRequest } from '../media/media-request.ts';
import type { SpoolSpan } from '../media/spool.ts';

/** What one caller wants. */
interface Wanted {
  readonly request: MediaRequest;
  readonly maxBytes: number;
  readonly span: SpoolSpan;
  /** Whether nothing is to be begun. */
  readonly onlyJoins: boolean;
}

/** Of which there is nothing to read, but its end to wait for. */
const NOTHING: SpoolSpan = { offset: Number.MAX_SAFE_INTEGER };

/** Answers FetchMedia. */
export function fetchMedia(flights: Flights) {
  return async function* answer(request: FetchMediaRequest, { signal }: CallContext): AsyncGenerator<FetchMediaResponse> {
    const wanted = parseRequest(request);
    const { boarded, begun } = await boardWhenUploaded(flights, wanted, signal);
    using caller = boarded;
    const judge = (sizeBytes: number): void => {
      if (sizeBytes > wanted.maxBytes) throw remoteTooLarge(wanted.maxBytes);
    };
    judge(begun.header.sizeBytes ?? 0);
    yield { part: { $case: 'header', value: begun.header } };
    for (const span of [wanted.span, NOTHING]) {
      for await (const chunk of begun.spool.read(span, signal, judge)) yield { part: { $case: 'chunk', value: chunk } };
    }
    yield { part: { $case: 'stored', value: await orAbort(caller.flight.stored, signal) } };
  };
}

/** A flight that somebody began who waits for less time may end before an upload that this caller would wait for. */
async function boardWhenUploaded(flights: Flights, { request, maxBytes, onlyJoins }: Wanted, signal: AbortSignal): Promise<{ boarded: Boarded; begun: Begun }> {
  const endsAt = performance.now() + request.waitMs;
  for (let waitMs = request.waitMs; ; waitMs = Math.floor(endsAt - performance.now())) {
    const boarded = onlyJoins ? flights.join(request, maxBytes) : flights.board({ ...request, waitMs }, maxBytes);
    try {
      return { boarded, begun: await orAbort(boarded.flight.begun, signal) };
    } catch (error) {
      boarded[Symbol.dispose]();
      const mayWait = error instanceof MediaError && error.reason === 'NOT_YET_UPLOADED' && boarded.flight.request.waitMs < waitMs;
      if (!mayWait || performance.now() >= endsAt) throw error;
    }
  }
}

/** Throws INVALID_PARAM. */
function parseRequest({ origin, mediaId, requester, waitMs, maxBytes, span, thumbnail, onlyJoins }: FetchMediaRequest): Wanted {
  return {
    request: {
      ...parseMxcParts(origin, mediaId),
      requester: parseServerName(requester),
      waitMs: parseCount('wait_ms', waitMs),
      thumbnail: thumbnail === undefined ? undefined : parseThumbnail(thumbnail),
    },
    maxBytes: parseCount('max_bytes', maxBytes),
    onlyJoins,
    span: span === undefined ? NOTHING : {
      offset: parseCount('span.offset', span.offset),
      length: span.length === undefined ? undefined : parseCount('span.length', span.length),
    },
  };
}

function parseThumbnail({ width, height, method, animated }: RemoteThumbnail): RemoteThumbnail {
  return { width: parseSide('width', String(width)), height: parseSide('height', String(height)), method: parseThumbnailMethod(method), animated };
}

function parseCount(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new MediaError('INVALID_PARAM', `${name} must not be negative`);
  return value;
}
