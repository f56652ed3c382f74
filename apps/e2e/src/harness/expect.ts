import assert from 'node:assert/strict';
import { parseError } from './every-answer.ts';
import type { Answer } from './http-call.ts';

/** Fails unless the answer is this Matrix error; answers with its JSON. */
export function assertError(answer: Answer, status: number, errcode: string | readonly string[]): Readonly<Record<string, unknown>> {
  const error = parseError(answer.body);
  const errcodes = typeof errcode === 'string' ? [errcode] : errcode;
  assert.ok(
    answer.status === status && errcodes.includes(error.errcode),
    `expected ${status} ${errcodes.join(' or ')}, got ${answer.status} ${answer.body.toString()}`,
  );
  return error;
}

/** Fails unless the answer is 200 with a JSON object, which it returns. */
export function assertJson(answer: Answer): Readonly<Record<string, unknown>> {
  assert.equal(answer.status, 200, answer.body.toString('utf8', 0, 500));
  assert.match(answer.headers['content-type'] ?? '', /^application\/json\b/);
  const value: unknown = JSON.parse(answer.body.toString());
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), answer.body.toString());
  return value as Record<string, unknown>;
}

/** Fails unless the answer carries exactly these bytes, with `status`. */
export function assertBytes(answer: Answer, bytes: Uint8Array, status = 200): void {
  assert.equal(answer.status, status, answer.body.toString('utf8', 0, 200));
  assert.ok(answer.body.equals(bytes), `${answer.body.byteLength} bytes came where ${bytes.byteLength} others were expected`);
  assert.equal(answer.headers['content-length'], String(bytes.byteLength));
}

/** Fails if a cache might keep this answer (N37: never cache what may change). */
export function assertNotCacheable(answer: Answer): void {
  const policy = answer.headers['cache-control'] ?? '';
  assert.doesNotMatch(policy, /immutable|max-age=[1-9]|public/, `a cache may keep a ${answer.status}`);
}
