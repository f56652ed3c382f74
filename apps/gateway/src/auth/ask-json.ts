import { collectBytes } from '@medley/streams/byte-stream';
import { isObject, type JsonObject } from '../http/parse/json-body.ts';

export interface JsonAnswer {
  readonly status: number;
  /** The JSON object that came; `undefined` for anything else, and for what is too large. */
  readonly body: JsonObject | undefined;
  readonly retryAfter: string | undefined;
}

/** For one question, its answer included. */
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks a server of ours something that it answers with a JSON object. Rejects where it can't be reached. Has a time limit of its own and no
 * signal: several requests share one answer.
 */
export async function askJson(url: URL, init: RequestInit): Promise<JsonAnswer> {
  const question = { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  const response = await fetch(url, question).catch((error: unknown) => {
    if (!isCutOff(error)) throw error;
    return fetch(url, question);
  });
  return { status: response.status, body: await readObject(response), retryAfter: response.headers.get('retry-after') ?? undefined };
}

/** A connection that was kept open may be closed by the other end just when it is used again; asking twice does no harm. */
function isCutOff(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'UND_ERR_SOCKET' || cause.code === 'ECONNRESET');
}

async function readObject({ body }: Response): Promise<JsonAnswer['body']> {
  try {
    const value: unknown = JSON.parse((await collectBytes(body ?? new ReadableStream(), MAX_ANSWER_BYTES)).toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // no JSON, too much, or cut off: what the caller makes of the status is all there is to say
  }
}
