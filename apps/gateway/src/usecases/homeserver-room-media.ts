import { MediaError } from '@medley/domain/media-error';
import type { MediaKey } from '@medley/proto/metadata/media';
import { orAbort, TimeLimit } from '@medley/streams/abort';
import { limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import { findStaticToken } from '../auth/static-token.ts';
import { readMxcStrings } from './read-mxc-strings.ts';
import type { RoomMediaSources, RoomQuestion } from './room-media.ts';

/** Synapse reads all of a room's events before it answers. */
const FIRST_BYTE_MS = 60_000;
const STALL_MS = 30_000;
/** Synapse answers in one piece; this holds about a million media. */
const MAX_BYTES = 64 * 2 ** 20;
/** From a homeserver that does not have this, or not for this admin. */
const NOT_FOR_US = [401, 403, 404, 405];

/**
 * Asks the tenant's homeserver which media a room uses (Synapse: `GET /_synapse/admin/v1/room/{id}/media`), with the
 * admin's own token: messages with a `url` at their top level, of all the history that it has. Yields nothing where there
 * is nobody to ask: without a homeserver, with a token that it does not know, and where it has no such answer. Throws
 * HOMESERVER_UNAVAILABLE, and REMOTE_TOO_LARGE once an answer turns out to be larger than 64 MiB.
 */
export async function* homeserverRoomMedia({ log }: Pick<RoomMediaSources, 'log'>, question: RoomQuestion, signal: AbortSignal): AsyncGenerator<readonly MediaKey[]> {
  const { tenant, token } = question;
  if (tenant.clientApi === undefined || findStaticToken(tenant, token) !== undefined) return;
  const response = await ask(tenant.clientApi, question, signal);
  if (response.status === 200 && response.body !== null) {
    yield* readMxcStrings(bounded(chunksOf(response.body, signal)));
    return;
  }
  await response.body?.cancel();
  if (!NOT_FOR_US.includes(response.status)) throw unavailable(new Error(`room media answered ${response.status}`));
  log.info({ server: tenant.serverName, status: response.status }, 'the homeserver does not list the media of rooms');
}

async function ask(clientApi: string, { roomId, token }: RoomQuestion, signal: AbortSignal): Promise<Response> {
  using limit = new TimeLimit(FIRST_BYTE_MS);
  const url = `${clientApi.replace(/\/+$/, '')}/_synapse/admin/v1/room/${encodeURIComponent(roomId)}/media`;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  try {
    return await fetch(url, { headers, redirect: 'error', signal: AbortSignal.any([signal, limit.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(error);
  }
}

/** The body's bytes. Whoever stops reading closes the connection. */
async function* chunksOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      using limit = new TimeLimit(STALL_MS);
      const { done, value } = await orAbort(reader.read(), limit.signal);
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(error);
  } finally {
    await reader.cancel().catch(() => undefined); // it has failed already, and that was told
  }
}

async function* bounded(chunks: ByteStream): ByteStream {
  try {
    yield* limitBytes(chunks, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason !== 'TOO_LARGE') throw error;
    throw new MediaError('REMOTE_TOO_LARGE', `The homeserver’s list of this room’s media is larger than ${MAX_BYTES} bytes`);
  }
}

function unavailable(cause: unknown): MediaError {
  return new MediaError('HOMESERVER_UNAVAILABLE', 'The homeserver can’t be asked about this room now', { cause, retryAfterMs: 5000 });
}
