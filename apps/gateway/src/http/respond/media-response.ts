import { resolveRange, type ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { applicableRange, isNotModified } from './conditional.ts';
import { MEDIA_SECURITY_HEADERS } from './security-headers.ts';
import { sendBytes, type Body } from './send-bytes.ts';

/** Bytes and all that has to be said of them. */
export interface MediaAnswer {
  readonly contentType: string;
  readonly disposition: string;
  readonly sizeBytes: number;
  /** Changes whenever the bytes would; without quotes. */
  readonly version: string;
  readonly cacheControl: string;
  /** Called at most once, and only if bytes are sent. */
  open(range: ByteRange): Promise<Body>;
}

/** Media never changes, and each requester must be asked for a token first: kept long, but only by them. */
export const PRIVATE_FOREVER = 'private, max-age=31536000, immutable';

/** Answers with media: 200, 206, 304 or 416, or their headers alone to HEAD. Comes only after access was granted. */
export async function sendMedia(exchange: Exchange, answer: MediaAnswer, gateway: Gateway): Promise<void> {
  const { context } = exchange;
  const etag = `"${answer.version}"`;
  context.set({
    ...MEDIA_SECURITY_HEADERS,
    'Cache-Control': answer.cacheControl,
    ETag: etag,
    'Accept-Ranges': 'bytes',
  });
  if (isNotModified(context.req.headers, etag)) {
    context.status = 304;
    return;
  }
  const range = chooseRange(exchange, answer, etag);
  const headers = { 'Content-Type': answer.contentType, 'Content-Disposition': answer.disposition, 'Content-Length': String(range.length) };
  if (context.method === 'HEAD') {
    context.respond = false;
    context.res.writeHead(context.status, headers).end();
    return;
  }
  const body = await answer.open(range);
  context.respond = false;
  if (Buffer.isBuffer(body)) keepHot(exchange, gateway, headers, body);
  context.res.writeHead(context.status, headers);
  await sendBytes(context.res, body, gateway.config.downloads.stall_timeout);
}

function keepHot({ context, tenant }: Exchange, gateway: Gateway, headers: Readonly<Record<string, string>>, body: Buffer): void {
  if (context.status !== 200) return;
  const names = context.res.getHeaderNames().filter((name) => name !== 'x-request-id');
  const flat = [...names.map((name) => [name, context.response.get(name)]), ...Object.entries(headers)].flat();
  gateway.hot.keep(context.req, { tenant, operation: String(context.state['operation']), headers: flat, body });
}

function chooseRange(exchange: Exchange, answer: MediaAnswer, etag: string): ByteRange {
  const { context } = exchange;
  // RFC 9110 §14.2: Range is defined for GET alone
  const header = context.method === 'GET' ? applicableRange(context.req.headers, etag) : undefined;
  const asked = resolveRange(header, answer.sizeBytes);
  if (asked.kind === 'unsatisfiable') {
    context.set('Content-Range', `bytes */${answer.sizeBytes}`);
    throw new MediaError('RANGE_NOT_SATISFIABLE', `The range lies outside of ${answer.sizeBytes} bytes`);
  }
  context.status = asked.kind === 'part' ? 206 : 200;
  if (asked.kind === 'whole') return { offset: 0, length: answer.sizeBytes };
  const { offset, length } = asked.range;
  context.set('Content-Range', `bytes ${offset}-${offset + length - 1}/${answer.sizeBytes}`);
  return asked.range;
}
