import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from './answer-reader.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nX-Before: 1\r\nContent-Length: 5\r\n\r\n';

function read(chunks: readonly string[]): readonly boolean[] {
  const reader = new AnswerReader();
  return chunks.map((chunk) => reader.read(Buffer.from(chunk)));
}

test('an answer is whole when its body has come, however it was cut', () => {
  assert.deepEqual(read([`${HEAD}hello`]), [true]);
  assert.deepEqual(read([HEAD.slice(0, 30), `${HEAD.slice(30)}he`, 'l', 'lo']), [false, false, false, true]);
});

test('a connection brings one answer after the other', () => {
  assert.deepEqual(read([`${HEAD}hello`, HEAD, 'again', `${HEAD}third`]), [true, false, true, true]);
});

test('an empty body needs nothing more', () => {
  assert.deepEqual(read(['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n']), [true]);
});

test('whatever is no 200 of known length fails with what was answered', () => {
  assert.throws(() => read(['HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno']), /404 Not Found[^]*no$/);
  assert.throws(() => read(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n']), /known length/);
});

test('more bytes than announced are an error', () => {
  assert.throws(() => read([`${HEAD}hello!`]), /longer/);
});
