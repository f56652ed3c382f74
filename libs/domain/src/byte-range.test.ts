import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveRange, type RangeAnswer } from './byte-range.ts';

const whole: RangeAnswer = { kind: 'whole' };
const unsatisfiable: RangeAnswer = { kind: 'unsatisfiable' };
const part = (offset: number, length: number): RangeAnswer => ({ kind: 'part', range: { offset, length } });

const OF_TEN: [string | undefined, RangeAnswer][] = [
  [undefined, whole], ['', whole], ['bytes=0-0', part(0, 1)], ['bytes=0-', part(0, 10)], ['bytes=2-5', part(2, 4)], ['BYTES=2-5', part(2, 4)],
  ['bytes=9-', part(9, 1)], ['bytes=5-100', part(5, 5)], ['bytes=-3', part(7, 3)], ['bytes=-100', part(0, 10)],
  ['bytes=10-', unsatisfiable], ['bytes=10-20', unsatisfiable], ['bytes=-0', unsatisfiable], ['bytes=99999999999999999999-', unsatisfiable],
  ['bytes=5-1', whole], ['bytes=0-1,3-4', whole], ['bytes=-', whole], ['bytes=a-b', whole], ['items=0-1', whole], ['bytes 0-1', whole], ['bytes=1--2', whole],
];

describe('a Range of ten bytes', () => {
  for (const [header, expected] of OF_TEN) {
    it(`${JSON.stringify(header)} is ${JSON.stringify(expected)}`, () => assert.deepEqual(resolveRange(header, 10), expected));
  }
  it('of nothing is never satisfiable', () => {
    assert.deepEqual(resolveRange('bytes=0-', 0), unsatisfiable);
    assert.deepEqual(resolveRange('bytes=-1', 0), unsatisfiable);
    assert.deepEqual(resolveRange(undefined, 0), whole);
  });
});
