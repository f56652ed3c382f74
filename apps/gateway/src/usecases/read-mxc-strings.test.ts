import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { readMxcStrings } from './read-mxc-strings.ts';

async function read(...chunks: readonly string[]): Promise<string[]> {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  return (await Array.fromAsync(readMxcStrings(source))).flat().map(toMxcText);
}

describe('the mxc URIs in a JSON object', () => {
  it('are found wherever it is cut', async () => {
    const text = ' {"local": ["mxc://a.example/1", "mxc://a.example/2"], "remote": ["mxc:\\/\\/b.example:8448\\/3"]} \n';
    const expected = ['mxc://a.example/1', 'mxc://a.example/2', 'mxc://b.example:8448/3'];
    for (let cut = 0; cut <= text.length; cut += 1) assert.deepEqual(await read(text.slice(0, cut), text.slice(cut)), expected, `cut at ${cut}`);
  });

  it('are none where there are none, or none that is valid', async () => {
    assert.deepEqual(await read('{"local":[],"remote":[]}'), []);
    assert.deepEqual(await read('{"local":["mxc://a.example","mxc://a b/c","mxc://a.example/x/y","https://a.example/b"]}'), []);
  });

  for (const [what, text] of [['a page', '<html>'], ['a list', '["mxc://a.example/1"]'], ['half an object', '{"local":["mxc://a.example/1"'], ['nothing', '']] as const) {
    it(`are not read from ${what}`, () => assert.rejects(read(text), { reason: 'HOMESERVER_UNAVAILABLE' }));
  }

  it('are not looked for without end', async () => {
    await assert.rejects(read('{"a":"', 'x'.repeat(20_000)), { reason: 'HOMESERVER_UNAVAILABLE' });
  });
});
