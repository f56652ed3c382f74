import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileNameOf } from './file-name.ts';

const NAMES: readonly (readonly [disposition: string, name: string | undefined])[] = [
  ['inline', undefined],
  ['attachment; filename=plain.txt', 'plain.txt'],
  ['attachment; filename="two words.txt"', 'two words.txt'],
  ['attachment; filename="a;b\\"c.txt"; x=y', 'a;b"c.txt'],
  ['attachment; FILENAME = "upper.txt"', 'upper.txt'],
  ["inline; filename*=utf-8''gr%C3%BC%C3%9Fe.txt", 'grüße.txt'],
  ["inline; filename=fallback.txt; filename*=UTF-8'de'gr%C3%BCn.txt", 'grün.txt'],
  ["inline; filename*=utf-8''gr%C3%BCn.txt; filename=fallback.txt", 'grün.txt'],
  ["inline; filename*=iso-8859-1''gr%FCn.txt", 'grün.txt'],
  ["inline; filename*=utf-8''%FF%FE; filename=fallback.txt", 'fallback.txt'],
  ["inline; filename*=koi8-r''%C1; filename=fallback.txt", 'fallback.txt'],
  [`inline; filename="${Buffer.from('grün.txt').toString('latin1')}"`, 'grün.txt'],
  ['inline; filename="gr\u00fcn.txt"', 'grün.txt'],
  ['inline; filename="../../etc/passwd"', '.._.._etc_passwd'],
  ["inline; filename*=utf-8''a%2Fb%00%0D%0A%E2%80%AEtxt.exe", 'a_btxt.exe'],
  ['inline; filename=""', undefined],
  ['inline; filename="open', '"open'],
];

describe('the file name of a disposition', () => {
  for (const [disposition, name] of NAMES) it(`of ${JSON.stringify(disposition)} is ${name}`, () => assert.equal(fileNameOf(disposition), name));

  it('is read in linear time', () => assert.equal(fileNameOf(`inline${';a="'.repeat(4000)}`), undefined));
});
