import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesGlob } from './matches-glob.ts';

describe('matchesGlob', () => {
  it('lets a star stand for anything, and takes the rest at its word', () => {
    const fits = [['a', 'a'], ['*', ''], ['a*c', 'abc'], ['a*c', 'ac'], ['*.example', 'x.example'], ['a*b*c', 'a-b-b-c'], ['*a*', 'bab']] as const;
    const fails = [['a', 'ab'], ['a*a', 'a'], ['a*b*b', 'ab'], ['*.example', 'example'], ['a.c', 'abc'], ['', 'a']] as const;
    for (const [pattern, text] of fits) assert.ok(matchesGlob(pattern, text), `${pattern} ${text}`);
    for (const [pattern, text] of fails) assert.ok(!matchesGlob(pattern, text), `${pattern} ${text}`);
  });
});
