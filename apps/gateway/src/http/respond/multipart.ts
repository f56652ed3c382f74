import { randomBytes } from 'node:crypto';
import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { confirm, type FoundBytes, type FoundMedia } from './media-response.ts';
import { sendBytes, type Frame } from './send-bytes.ts';

/** Enough that no file holds it by chance or on purpose. */
const BOUNDARY_BYTES = 16;

/**
 * Answers another server with media: `multipart/mixed` of exactly two parts, an empty JSON object and the file
 * (Matrix specification, “Server-server API”, GET /_matrix/federation/v1/media/download). In the very form that every
 * deployed parser takes: it begins with a line end; names of headers in title case; `application/json` is the first and
 * only header of its part; the boundary is the last parameter, unquoted, and all letters and digits; the length is said.
 */
export async function sendMultipart({ context }: Exchange, answer: FoundBytes, gateway: Gateway): Promise<void> {
  const { frame, headers } = toFrame([`Content-Type: ${answer.contentType}`, `Content-Disposition: ${answer.disposition}`], answer.sizeBytes);
  if (context.method === 'HEAD') {
    context.respond = false;
    context.res.writeHead(200, headers).end();
    return;
  }
  const body = await answer.open({ offset: 0, length: answer.sizeBytes });
  await confirm(context, answer, gateway, body);
  context.respond = false;
  context.res.writeHead(200, headers);
  await sendBytes(context.res, body, gateway.config.downloads.stall_timeout, frame);
}

/**
 * Answers another server with where the media is. `Location` is the only header of its part: deployed parsers take a later
 * one for the URL.
 */
export async function sendMultipartLocation({ context }: Exchange, found: FoundMedia, url: string, gateway: Gateway): Promise<void> {
  await confirm(context, found, gateway, Buffer.alloc(0));
  const { frame: { before, after }, headers } = toFrame([`Location: ${url}`], 0);
  context.set(headers);
  context.status = 200;
  context.body = Buffer.concat([before, after]);
}

interface FramedAnswer {
  readonly frame: Frame;
  readonly headers: Readonly<Record<string, string>>;
}

function toFrame(headersOfFile: readonly string[], sizeBytes: number): FramedAnswer {
  const boundary = randomBytes(BOUNDARY_BYTES).toString('hex');
  const lines = ['', `--${boundary}`, 'Content-Type: application/json', '', '{}', `--${boundary}`, ...headersOfFile, '', ''];
  const [before, after] = [Buffer.from(lines.join('\r\n')), Buffer.from(`\r\n--${boundary}--\r\n`)];
  const headers = {
    'Content-Type': `multipart/mixed; boundary=${boundary}`,
    'Content-Length': String(before.byteLength + sizeBytes + after.byteLength),
    'Cache-Control': 'private, no-store',
  };
  return { frame: { before, after }, headers };
}
