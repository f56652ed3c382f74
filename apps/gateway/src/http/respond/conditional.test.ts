import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applicableRange, isNotModified } from './conditional.ts';

describe('a conditional request', () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false], ['"a"', true], ['W/"a"', true], ['"b", "a"', true], ['*', true], ['"b"', false], ['a', false], ['', false],
  ];
  for (const [header, expected] of cases) {
    it(`If-None-Match: ${header} is ${expected ? 'known' : 'not known'}`, () => {
      assert.equal(isNotModified(header === undefined ? {} : { 'if-none-match': header }, '"a"'), expected);
    });
  }

  it('has its range only while If-Range names this entity, strongly', () => {
    assert.equal(applicableRange({ range: 'bytes=0-1' }, '"a"'), 'bytes=0-1');
    assert.equal(applicableRange({ range: 'bytes=0-1', 'if-range': '"a"' }, '"a"'), 'bytes=0-1');
    assert.equal(applicableRange({ range: 'bytes=0-1', 'if-range': 'W/"a"' }, '"a"'), undefined);
    assert.equal(applicableRange({ range: 'bytes=0-1', 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '"a"'), undefined);
  });
});
