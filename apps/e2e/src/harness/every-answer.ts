import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';

interface AnswerLike {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What every answer must have, whatever was asked: CORS headers (X4); an error is JSON with `errcode` and `error` (X1);
 * the server never fails for a reason it did not foresee, and never redirects (N40) unless that is expected.
 */
export function checkEveryAnswer(method: string, path: string, { status, headers, body }: AnswerLike, mayRedirect = false): void {
  const what = `${method} ${path} → ${status} ${body.toString('utf8', 0, 200)}`;
  assert.notEqual(status, 500, what);
  assert.ok(status < 300 || status >= 400 || status === 304 || (mayRedirect && status === 307), `a redirect: ${what}`);
  checkCors(headers, what);
  if (status < 400 || method === 'HEAD') return;
  assert.match(headers['content-type'] ?? '', /^application\/json\b/, what);
  const error = parseError(body, what);
  assert.match(error.errcode, /^M_[A-Z_]+$/, what);
  assert.ok(error.error.length > 0, what);
}

/** CORS as the specification lists it (X4); more methods and headers may be allowed. */
export function checkCors(headers: IncomingHttpHeaders, what: string): void {
  assert.equal(headers['access-control-allow-origin'], '*', what);
  assertContains(headers['access-control-allow-methods'], ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], what);
  assertContains(headers['access-control-allow-headers'], ['X-Requested-With', 'Content-Type', 'Authorization'], what);
}

/** Reads a Matrix error; fails unless both keys are there as text. */
export function parseError(body: Buffer, what = ''): { readonly errcode: string; readonly error: string } & Readonly<Record<string, unknown>> {
  const error = JSON.parse(body.toString()) as Record<string, unknown>;
  assert.ok(typeof error['errcode'] === 'string' && typeof error['error'] === 'string', what);
  return { ...error, errcode: error['errcode'], error: error['error'] };
}

/** Fails unless a comma-separated header names all of `wanted`, without regard to case. */
export function assertContains(header: string | undefined, wanted: readonly string[], what: string): void {
  const listed = (header ?? '').split(',').map((item) => item.trim().toLowerCase());
  for (const item of wanted) assert.ok(listed.includes(item.toLowerCase()), `${item} is missing from "${header}": ${what}`);
}
