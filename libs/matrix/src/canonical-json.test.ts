import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson, CanonicalJsonError } from './canonical-json.ts';

/** The examples of the specification, and what they do not say. */
const FORMS: readonly (readonly [value: unknown, text: string])[] = [
  [{}, '{}'],
  [{ one: 1, two: 'Two' }, '{"one":1,"two":"Two"}'],
  [{ b: '2', a: '1' }, '{"a":"1","b":"2"}'],
  [{ auth: { success: true, mxid: '@john.doe:example.com', profile: { display_name: 'John Doe', three_pids: [{ medium: 'email', address: 'john.doe@example.org' }] } } },
    '{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"}]},"success":true}}'],
  [{ a: '日本語' }, '{"a":"日本語"}'],
  [{ 本: 2, 日: 1 }, '{"日":1,"本":2}'],
  [{ a: '日' }, '{"a":"日"}'],
  [{ a: null }, '{"a":null}'],
  [[1, 'two', false, null, [], {}], '[1,"two",false,null,[],{}]'],
  [{ '\u{10000}': 1, '\uffff': 2, '\ue000': 3 }, '{"\ue000":3,"\uffff":2,"\u{10000}":1}'],
  ['"\\/\b\t\n\f\r\u0000\u001f\u007f\u2028é', '"\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\u2028é"'],
  [2 ** 53 - 1, '9007199254740991'],
  [-(2 ** 53) + 1, '-9007199254740991'],
  [JSON.parse('{"a":1.0,"b":1e3}'), '{"a":1,"b":1000}'],
  [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  [Object.create(null), '{}'],
];

const REFUSED: readonly (readonly [what: string, value: unknown])[] = [
  ['a fraction', 1.5], ['a number that is too large', 2 ** 53], ['one that is too small', -(2 ** 53)], ['-0', -0], ['-0 from JSON', JSON.parse('[-0]')],
  ['no number', Number.NaN], ['infinity', Infinity], ['a lone surrogate', '\ud800'], ['one in a name', { '\udc00': 1 }], ['undefined', { a: undefined }],
  ['a date', new Date(0)], ['a map', new Map()], ['a function', () => 1], ['a bigint', 1n], ['a hole in a list', Array(1)],
];

describe('canonical JSON', () => {
  for (const [value, text] of FORMS) it(`is ${JSON.stringify(text)}`, () => assert.equal(canonicalJson(value), text));

  for (const [what, value] of REFUSED) it(`does not hold ${what}`, () => assert.throws(() => canonicalJson(value), CanonicalJsonError));

  it('ends where others would run out of stack', () => {
    const nest = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    assert.equal(canonicalJson(nest(100)).length, 200);
    assert.throws(() => canonicalJson(nest(30_000)), CanonicalJsonError);
  });
});
