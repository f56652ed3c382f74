import { randomBytes } from 'node:crypto';
import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { confirm, type FoundBytes } from './media-response.ts';
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
  const boundary = randomBytes(BOUNDARY_BYTES).toString('hex');
  const frame = toFrame(boundary, answer);
  const headers = {
    'Content-Type': `multipart/mixed; boundary=${boundary}`,
    'Content-Length': String(frame.before.byteLength + answer.sizeBytes + frame.after.byteLength),
    'Cache-Control': 'private, no-store',
  };
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

function toFrame(boundary: string, { contentType, disposition }: FoundBytes): Frame {
  const before = [
    '', `--${boundary}`, 'Content-Type: application/json', '', '{}',
    `--${boundary}`, `Content-Type: ${contentType}`, `Content-Disposition: ${disposition}`, '', '',
  ];
  return { before: Buffer.from(before.join('\r\n')), after: Buffer.from(`\r\n--${boundary}--\r\n`) };
}
