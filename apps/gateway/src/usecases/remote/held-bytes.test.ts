import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeldBytes } from './held-bytes.ts';

function take(held: HeldBytes, limit: number): string {
  return Buffer.concat([...held.release(limit)]).toString();
}

describe('bytes held back', () => {
  it('are given up to where they are free, in order, each once', () => {
    const held = new HeldBytes(0);
    for (const text of ['abc', 'defg', 'h']) held.push(Buffer.from(text));
    assert.equal(take(held, -5), '');
    assert.equal(take(held, 2), 'ab');
    assert.equal(take(held, 2), '');
    assert.equal(take(held, 5), 'cde');
    assert.equal(held.end, 8);
    assert.equal(take(held, 100), 'fgh');
    assert.equal(take(held, 100), '');
  });

  it('count from where their range begins', () => {
    const held = new HeldBytes(1000);
    held.push(Buffer.from('abc'));
    assert.equal(held.end, 1003);
    assert.equal(take(held, 1001), 'a');
    assert.equal(take(held, held.end), 'bc');
  });
});
