import { MediaError } from '@medley/domain/media-error';
import type { SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { collectBytes } from '@medley/streams/byte-stream';
import { fetchFailed, ServerDown } from './fetch-failed.ts';

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** Empty where the body is no error of Matrix. */
  readonly errcode: string;
  /** Whether the body is JSON at all. */
  readonly isJson: boolean;
  /** The beginning of the body; for operators. */
  readonly said: string;
  readonly retryAfterMs: number;
}

/** Of a refusal SafeFetch reads no more. */
const MAX_REFUSAL_BYTES = 8 * 1024;
const MAX_SAID = 200;
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

/** Reads why a server did not give what it was asked for. */
export async function readRefusal({ status, header, body }: SafeResponse): Promise<Refusal> {
  const text = (await collectBytes(body, MAX_REFUSAL_BYTES)).toString();
  const error = parseJson(text);
  const retryMs = Number(error?.['retry_after_ms'] ?? Number(header('retry-after') ?? 0) * 1000);
  return {
    status,
    errcode: typeof error?.['errcode'] === 'string' ? error['errcode'] : '',
    isJson: error !== undefined,
    said: text.slice(0, MAX_SAID).toWellFormed().replaceAll(/\p{Cc}+/gu, ' '),
    retryAfterMs: Math.min(Math.max(Number.isFinite(retryMs) ? retryMs : 0, MIN_RETRY_MS), MAX_RETRY_MS),
  };
}

/** Whether a server does not know the endpoint, in one of the ways that servers say so; not, whether it does not know the media. */
export function isUnrecognized({ status, errcode, isJson }: Refusal): boolean {
  return (status === 400 || status === 404 || status === 405) && (!isJson || errcode === 'M_UNRECOGNIZED');
}

/** What a refusal means to callers. Nothing that the server said is in its message. */
export function toMediaError({ status, errcode, said, retryAfterMs }: Refusal): MediaError {
  const detail = new Error(`The server answered ${status} ${errcode}: ${said}`);
  if (status === 404) return new MediaError('NOT_FOUND', 'Media not found', { cause: detail });
  if (status === 504 && errcode === 'M_NOT_YET_UPLOADED') return new MediaError('NOT_YET_UPLOADED', 'Media has not been uploaded yet', { cause: detail });
  if ((status === 413 || status === 502) && errcode === 'M_TOO_LARGE') {
    return new MediaError('REMOTE_TOO_LARGE', 'The media is too large for its server', { cause: detail });
  }
  if (status === 429) return new MediaError('BUSY', 'The server of the media is busy', { cause: detail, retryAfterMs });
  // Who speaks of an error in the words of Matrix is there; else anybody could name one bad media to make us leave its server alone.
  if (status === 503 || (status >= 500 && errcode === '')) return new ServerDown(detail);
  return fetchFailed(detail.message);
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // a page of somebody who knows nothing of Matrix
  }
}
