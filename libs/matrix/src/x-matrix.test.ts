import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatXMatrix, parseXMatrixHeaders, requestObject } from './x-matrix.ts';

const GOOD = { origin: 'origin.example.com', destination: 'dest.example.com', keyId: 'ed25519:key1', signature: 'ABC+/def' };
const [O, D, K, S] = ['origin="origin.example.com"', 'destination="dest.example.com"', 'key="ed25519:key1"', 'sig="ABC+/def"'] as const;

/** How others write the same. */
const READ: Readonly<Record<string, string>> = {
  'as we write it': `X-Matrix ${O},${D},${K},${S}`,
  'in another order': `X-Matrix ${S},${K},${D},${O}`,
  'with the scheme in other letters': `x-MATRIX ${O},${D},${K},${S}`,
  'with several spaces': `X-Matrix    ${O},${D},${K},${S}`,
  'with white space around commas and at the end': `X-Matrix ${O} ,\t${D}, ${K}\t, ${S} \t`,
  'with white space around =': `X-Matrix origin = "origin.example.com",${D},${K},${S}`,
  'with names in other letters': 'X-Matrix Origin="origin.example.com",DESTINATION="dest.example.com",Key="ed25519:key1",sIG="ABC+/def"',
  'without quotes, colons and all': 'X-Matrix origin=origin.example.com,destination=dest.example.com,key=ed25519:key1,sig=ABC+/def',
  'with characters escaped that need not be': `X-Matrix origin="\\origin.ex\\ample.com",${D},key="ed25519\\:key1",${S}`,
  'with parameters that nobody knows': `X-Matrix ${O},${D},realm="a, \\"b\\"",x=y,${K},${S}`,
  'with a comma at the end': `X-Matrix ${O},${D},${K},${S},`,
};

const REFUSED: Readonly<Record<string, string>> = {
  'no parameters': 'X-Matrix ',
  'no signature': `X-Matrix ${O},${D},${K}`,
  'no key': `X-Matrix ${O},${D},${S}`,
  'no origin': `X-Matrix ${D},${K},${S}`,
  'an origin twice': `X-Matrix ${O},${O},${D},${K},${S}`,
  'a signature twice, in other letters': `X-Matrix ${O},${D},${K},${S},SIG=x`,
  'a quote that does not end': `X-Matrix ${O},${D},${K},sig="ABC`,
  'a quote in a word': `X-Matrix ${O},${D},${K},sig=A"BC`,
  'a space in a word': `X-Matrix ${O},${D},${K},sig=AB C`,
  'something behind a quote': `X-Matrix ${O},${D},${K},sig="ABC"DEF`,
  'a name without a value': `X-Matrix ${O},${D},${K},sig`,
  'a name with an empty value': `X-Matrix ${O},${D},${K},sig=`,
  'two commas': `X-Matrix ${O},,${D},${K},${S}`,
  'an origin that is no server name': `X-Matrix origin="a b/c",${D},${K},${S}`,
  'an empty origin': `X-Matrix origin="",${D},${K},${S}`,
  'NUL': `X-Matrix origin="a\u0000",${D},${K},${S}`,
  'more than anybody needs': `X-Matrix ${O},${D},${K},${S},x="${'y'.repeat(1e6)}"`,
};

describe('an Authorization header of X-Matrix', () => {
  for (const [how, header] of Object.entries(READ)) it(`is read ${how}`, () => assert.deepEqual(parseXMatrixHeaders([header]), [GOOD]));

  for (const [what, header] of Object.entries(REFUSED)) {
    it(`is refused with ${what}`, () => assert.throws(() => parseXMatrixHeaders([header]), { reason: 'UNAUTHORIZED' }));
  }

  it('may leave out its destination, as old servers do', () => {
    assert.deepEqual(parseXMatrixHeaders([`X-Matrix ${O},${K},${S}`]), [{ ...GOOD, destination: undefined }]);
  });

  it('may be there for several keys of one origin, beside other schemes', () => {
    const found = parseXMatrixHeaders(['Bearer abc', `X-Matrix ${O},${D},${K},${S}`, `X-Matrix ${O},${D},key="ed25519:two",sig="xyz"`]);
    assert.deepEqual(found, [GOOD, { ...GOOD, keyId: 'ed25519:two', signature: 'xyz' }]);
  });

  it('is refused for two origins, for none, and for too many', () => {
    const header = `X-Matrix ${O},${D},${K},${S}`;
    assert.throws(() => parseXMatrixHeaders([header, header.replace('origin.', 'other.')]), { reason: 'UNAUTHORIZED' });
    for (const headers of [[], ['Bearer x'], ['X-Matrix'], ['X-MatrixY a=b'], Array<string>(20).fill(header)]) {
      assert.throws(() => parseXMatrixHeaders(headers), { reason: 'UNAUTHORIZED' });
    }
  });

  it('is refused when one of two cannot be read', () => {
    assert.throws(() => parseXMatrixHeaders([`X-Matrix ${O},${D},${K},${S}`, 'X-Matrix origin="']), { reason: 'UNAUTHORIZED' });
  });

  it('is read in a time that grows with its length alone', () => {
    const startedAt = performance.now();
    for (const part of ['a="\\', 'a=\t', 'a="b",', ' ', '\\', '"', ',']) {
      assert.throws(() => parseXMatrixHeaders([`X-Matrix ${part.repeat(4000 / part.length)}`]), { reason: 'UNAUTHORIZED' });
    }
    assert.ok(performance.now() - startedAt < 1000);
  });

  it('is written so that everybody reads it', () => {
    assert.equal(formatXMatrix(GOOD), READ['as we write it']);
    assert.equal(formatXMatrix({ ...GOOD, origin: '[::1]:8448' }), `X-Matrix origin="[::1]:8448",${D},${K},${S}`);
  });

  for (const bad of ['a"b', 'a\\b', 'a b', 'a\r\nb', 'é', '']) {
    it(`is not written with ${JSON.stringify(bad)}`, () => assert.throws(() => formatXMatrix({ ...GOOD, destination: bad }), TypeError));
  }
});

it('a request without a body is signed without content', () => {
  assert.deepEqual(requestObject({ method: 'GET', uri: '/_matrix/x?y=1', origin: 'a', destination: 'b' }), { method: 'GET', uri: '/_matrix/x?y=1', origin: 'a', destination: 'b' });
});
