import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { assertContains } from './every-answer.ts';

/** The policy of the specification (N31): what a browser that opens the media may still do. More directives may stand beside. */
const POLICY = ['sandbox', "default-src 'none'", "script-src 'none'", 'plugin-types application/pdf', "style-src 'unsafe-inline'", "object-src 'self'"];
const EXPOSED = ['Content-Length', 'Content-Range', 'Accept-Ranges', 'Content-Disposition', 'Content-Type', 'ETag', 'Retry-After'];

/** What every answer with media must say to keep browsers safe (N31–N33). */
export function assertMediaHeaders(headers: IncomingHttpHeaders): void {
  const directives = String(headers['content-security-policy'] ?? '').split(';').map((directive) => directive.trim());
  for (const directive of POLICY) assert.ok(directives.includes(directive), `${directive} is missing from ${directives.join('; ')}`);
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assertContains(String(headers['x-robots-tag'] ?? ''), ['noindex', 'nofollow', 'noarchive', 'noimageindex'], 'X-Robots-Tag');
  assertContains(headers['access-control-expose-headers'], EXPOSED, 'Access-Control-Expose-Headers');
}
