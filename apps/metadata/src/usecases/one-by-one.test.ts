import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OneByOne } from './one-by-one.ts';

describe('work done one by one', () => {
  it('begins when all of its name that came before has ended, also badly, and does not wait for others', async () => {
    const work = new OneByOne();
    const first = Promise.withResolvers<string>();
    const begun: string[] = [];
    const start = (name: string, what: string, result: Promise<string>): Promise<string> => work.run(name, () => {
      begun.push(what);
      return result;
    });
    const results = Promise.allSettled([start('a', 'a1', first.promise), start('a', 'a2', Promise.resolve('second')), start('b', 'b1', Promise.resolve('other'))]);
    await start('b', 'b2', Promise.resolve('other'));
    assert.deepEqual(begun, ['a1', 'b1', 'b2']);
    first.reject(new Error('failed'));
    assert.deepEqual((await results).map(({ status }) => status), ['rejected', 'fulfilled', 'fulfilled']);
    assert.deepEqual(begun, ['a1', 'b1', 'b2', 'a2']);
  });
});
