import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { isNotModified } from './conditional.ts';
import { confirm, type MediaAnswer } from './media-response.ts';
import { MEDIA_SECURITY_HEADERS } from './security-headers.ts';

/** Sends a client elsewhere for the bytes (307; Matrix 1.7, MSC3860), unless it has them. Nobody may keep the answer: the URL soon ends. */
export async function sendRedirect({ context }: Exchange, answer: Omit<MediaAnswer, 'open'>, url: string, gateway: Gateway): Promise<void> {
  const etag = `"${answer.version}"`;
  await confirm(context, answer, gateway, Buffer.alloc(0));
  context.set(MEDIA_SECURITY_HEADERS);
  if (isNotModified(context.req.headers, etag)) {
    context.set({ ETag: etag, 'Cache-Control': answer.cacheControl });
    context.status = 304;
    return;
  }
  context.set({ Location: url, 'Cache-Control': 'private, no-store', 'Content-Length': '0' });
  // an empty body has its own status unless another is set after it
  context.body = null;
  context.status = 307;
}
