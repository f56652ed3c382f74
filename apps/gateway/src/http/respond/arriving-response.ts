import type { Gateway } from '../../gateway.ts';
import type { ArrivingRange } from '../../usecases/remote/read-arriving.ts';
import type { Exchange } from '../exchange.ts';
import { chooseRange } from './choose-range.ts';
import { MEDIA_SECURITY_HEADERS } from './security-headers.ts';
import { sendBytes } from './send-bytes.ts';

/** Bytes on their way here, and what can be said of them by now. */
export interface ArrivingAnswer {
  readonly contentType: string;
  readonly disposition: string;
  /** Absent while nobody knows. */
  readonly sizeBytes: number | undefined;
  readonly cacheControl: string;
  /** Whether all has arrived meanwhile, so that more can be said. */
  hasArrived(): boolean;
  /** Called at most once. */
  open(range: ArrivingRange): Promise<AsyncGenerator<Uint8Array>>;
}

/** Whether a request can be answered before all is here: what depends on the bytes' version can't, nor what would end without a sign of being whole. */
export function canAnswerEarly({ context: { req: { method, headers, httpVersion } } }: Exchange): boolean {
  return method === 'GET' && httpVersion !== '1.0' && headers['if-none-match'] === undefined && headers['if-range'] === undefined;
}

/**
 * Answers with media while it arrives: 200 or 206, in chunks where its size is not known. What fails after the first byte
 * cuts the connection. Sends nothing, and says so, if all had arrived before there was a first byte of unknown many.
 */
export async function sendArriving({ context }: Exchange, answer: ArrivingAnswer, gateway: Gateway): Promise<boolean> {
  const { contentType, disposition, sizeBytes, cacheControl } = answer;
  const range = sizeBytes === undefined ? { offset: 0, length: undefined } : chooseRange(context, context.req.headers.range, sizeBytes);
  const opened = await answer.open(range);
  const body = sizeBytes === undefined ? await startEarly(opened, answer) : opened;
  if (body === undefined) return false;
  context.set({ ...MEDIA_SECURITY_HEADERS, 'Cache-Control': cacheControl, ...(sizeBytes !== undefined && { 'Accept-Ranges': 'bytes' }) });
  const length = range.length === undefined ? {} : { 'Content-Length': String(range.length) };
  context.respond = false;
  context.res.writeHead(range.length === undefined ? 200 : context.status, { 'Content-Type': contentType, 'Content-Disposition': disposition, ...length });
  context.res.flushHeaders();
  await sendBytes(context.res, body, gateway.config.downloads.stall_timeout);
  return true;
}

/** Waits for the first bytes, since a small file has arrived with them, and then its size is known. */
async function startEarly(body: AsyncGenerator<Uint8Array>, { hasArrived }: ArrivingAnswer): Promise<AsyncGenerator<Uint8Array> | undefined> {
  const first = await body.next();
  if (!hasArrived()) return startingWith(first, body);
  await body.return(undefined);
  return undefined;
}

async function* startingWith(first: IteratorResult<Uint8Array>, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
