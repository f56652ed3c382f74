import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf, yieldAll } from './lists.fixture.ts';
import { mergeByDigest } from './merge-by-digest.ts';

const named = (digits: string): { readonly digest: string }[] => [...digits].map((digit) => ({ digest: digestOf(digit) }));

/** `aB` for what is only left and only right; `ab` in both is `*a`. */
async function merge(left: string, right: string): Promise<string> {
  const pairs = await Array.fromAsync(mergeByDigest(yieldAll(named(left)), yieldAll(named(right))));
  return pairs.map((pair) => {
    const name = pair.digest[0] ?? '';
    if (pair.left !== undefined && pair.right !== undefined) return `*${name}`;
    return pair.left === undefined ? name.toUpperCase() : name;
  }).join('');
}

describe('mergeByDigest', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['', '', ''], ['ab', '', 'ab'], ['', 'ab', 'AB'], ['abc', 'abc', '*a*b*c'], ['ac', 'bd', 'aBcD'], ['acd', 'ab', '*aBcd'], ['d', 'abcdef', 'ABC*dEF'], ['abcdef', 'a', '*abcdef'],
  ];
  for (const [left, right, expected] of cases) {
    it(`of "${left}" and "${right}" is "${expected}"`, async () => assert.equal(await merge(left, right), expected));
  }

  it('closes both lists when it is left', async () => {
    let closed = 0;
    const list = () => yieldAll(named('abc'), () => (closed += 1));
    for await (const pair of mergeByDigest(list(), list())) if (pair.digest.startsWith('b')) break;
    assert.equal(closed, 2);
  });
});
