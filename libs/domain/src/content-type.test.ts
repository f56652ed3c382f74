import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInlineType, parseContentType } from './content-type.ts';

describe('a content type', () => {
  for (const text of ['img/png', 'Text/Plain; charset=UTF-8', 'nonsense', 'a/b;c="d e"']) {
    it(`comes back as it was sent: ${text}`, () => assert.equal(parseContentType(text), text));
  }
  for (const text of [undefined, '', '  ']) {
    it(`is application/octet-stream for ${JSON.stringify(text)}`, () => assert.equal(parseContentType(text), 'application/octet-stream'));
  }
  for (const text of ['text/plain\r\nX: y', 'image/ünïcode', 'a/b\u0000', 'a\tb', `a/${'b'.repeat(300)}`]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => assert.throws(() => parseContentType(text), { reason: 'INVALID_PARAM' }));
  }
  it('may be shown inline for exactly the 26 types of the specification', () => {
    const types = 'text/css text/plain text/csv application/json application/ld+json image/jpeg image/gif image/png image/apng image/webp image/avif video/mp4 video/webm video/ogg video/quicktime audio/mp4 audio/webm audio/aac audio/mpeg audio/ogg audio/wave audio/wav audio/x-wav audio/x-pn-wav audio/flac audio/x-flac'.split(' ');
    assert.equal(types.length, 26);
    assert.deepEqual(types.filter((type) => !isInlineType(type)), []);
  });
});
