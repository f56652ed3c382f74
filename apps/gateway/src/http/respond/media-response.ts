import type { ByteRange } from '@medley/domain/byte-range';
import type { Sighting } from '../../cache/known-changes.ts';
import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { chooseRange } from './choose-range.ts';
import { applicableRange, isNotModified } from './conditional.ts';
import { MEDIA_SECURITY_HEADERS } from './security-headers.ts';
import { sendBytes, type Body } from './send-bytes.ts';

/** What lets a requester have bytes. */
export interface FoundMedia {
  /** Of the record that let the requester have them. */
  readonly sighting: Sighting;
  /** Makes sure that they still may. */
  findAgain(): Promise<{ readonly sighting: Sighting }>;
}

/** Bytes and what every reader has to know of them. */
export interface FoundBytes extends FoundMedia {
  readonly contentType: string;
  readonly disposition: string;
  readonly sizeBytes: number;
  /** Called at most once, and only if bytes are sent. */
  open(range: ByteRange): Promise<Body>;
}

/** The same, and all that clients may do with them. */
export interface MediaAnswer extends FoundBytes {
  /** Changes whenever the bytes would; without quotes. */
  readonly version: string;
  readonly cacheControl: string;
}

/** Media never changes, and each requester must be asked for a token first: kept long, but only by them. */
export const PRIVATE_FOREVER = 'private, max-age=31536000, immutable';
/** What is said of one answer alone. */
const NOT_KEPT = ['x-request-id', 'connection'];

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
  // RFC 9110 §14.2: Range is defined for GET alone
  const range = chooseRange(context, context.method === 'GET' ? applicableRange(context.req.headers, etag) : undefined, answer.sizeBytes);
  const headers = { 'Content-Type': answer.contentType, 'Content-Disposition': answer.disposition, 'Content-Length': String(range.length) };
  if (context.method === 'HEAD') {
    context.respond = false;
    context.res.writeHead(context.status, headers).end();
    return;
  }
  const body = await answer.open(range);
  const sighting = await confirm(context, answer, gateway, body);
  context.respond = false;
  if (Buffer.isBuffer(body)) keepHot(exchange, gateway, { headers, body, sighting });
  context.res.writeHead(context.status, headers);
  await sendBytes(context.res, body, gateway.config.downloads.stall_timeout);
}

/** Finding the bytes may take long: if something happened to the media meanwhile, it may be hidden by now. Fails with NOT_FOUND then. */
export async function confirm(context: Exchange['context'], { sighting, findAgain }: FoundMedia, gateway: Gateway, body: Body): Promise<Sighting> {
  if (!gateway.changes.hasChanged(sighting)) return sighting;
  try {
    return (await findAgain()).sighting;
  } catch (error) {
    if (Buffer.isBuffer(body)) throw error;
    if ('file' in body) await body.file.close();
    else context.res.destroy(); // ends the transfer, too
    throw error;
  }
}

interface SentMedia {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sighting: Sighting;
}

function keepHot({ context, tenant }: Exchange, gateway: Gateway, { headers, body, sighting }: SentMedia): void {
  if (context.status !== 200) return;
  const names = context.res.getHeaderNames().filter((name) => !NOT_KEPT.includes(name));
  const flat = [...names.map((name) => [name, context.response.get(name)]), ...Object.entries(headers)].flat();
  gateway.hot.keep(context.req, { tenant, operation: String(context.state['operation']), headers: flat, body, sighting });
}
