import type { IncomingHttpHeaders } from 'node:http';

/** Whether the requester already has this very entity (`If-None-Match`, compared weakly, RFC 9110 §13.1.2). */
export function isNotModified(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** The `Range` header, unless `If-Range` says that it is meant for another entity (RFC 9110 §13.1.5). */
export function applicableRange(headers: IncomingHttpHeaders, etag: string): string | undefined {
  const condition = headers['if-range'];
  return condition === undefined || String(condition).trim() === etag ? headers.range : undefined;
}
