import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mintMediaId, parseMediaId } from './media-id.ts';

const BAD = ['', '.', '..', 'a.b', 'a/b', '..%2f', 'a b', 'é', 'a\u0000', 'a\n', '\\', '%2e', 'a?b', 'ａ', 'a'.repeat(256)];

describe('a media id', () => {
  for (const id of ['a', 'A-z_0', 'a'.repeat(255)]) it(`takes ${id.slice(0, 20)}`, () => assert.equal(parseMediaId(id), id));
  for (const id of BAD) {
    it(`refuses ${JSON.stringify(id.slice(0, 20))}`, () => assert.throws(() => parseMediaId(id), { reason: 'INVALID_PARAM' }));
  }

  it('is minted within the grammar and never twice', () => {
    const ids = Array.from({ length: 1000 }, () => mintMediaId(1_700_000_000_000));
    for (const id of ids) assert.equal(parseMediaId(id), id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('sorts by the time it was minted', () => {
    const ids = [1, 61, 62, 1_700_000_000_000, 1_700_000_000_001, 9_000_000_000_000].map((ms) => mintMediaId(ms));
    assert.deepEqual([...ids].sort(), ids);
  });

  it('holds at least 128 random bits beside the time', () => {
    const [one = '', two = ''] = [mintMediaId(5), mintMediaId(5)];
    const shared = [...one].findIndex((letter, index) => letter !== two[index]);
    assert.ok((one.length - shared) * Math.log2(62) >= 128, `${one} and ${two} share ${shared} letters`);
  });
});
