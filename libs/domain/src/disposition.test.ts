import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toDisposition } from './disposition.ts';
import { cleanUploadName } from './upload-name.ts';

const BINARY = 'application/octet-stream';

describe('a content disposition', () => {
  const names: [string, string][] = [
    ['ascii', 'filename=ascii'],
    ['photo.jpg', 'filename=photo.jpg'],
    ['name with spaces', 'filename="name with spaces"'],
    ['name;with;semicolons', 'filename="name;with;semicolons"'],
    ['a"quote\\slash', 'filename="a\\"quote\\\\slash"'],
    ['🐔', "filename*=utf-8''%F0%9F%90%94"],
    ['naïve name.txt', "filename*=utf-8''na%C3%AFve%20name.txt"],
    ["it's (1)*.é", "filename*=utf-8''it%27s%20%281%29%2A.%C3%A9"],
  ];
  for (const [name, expected] of names) {
    it(`writes ${name} by RFC 6266`, () => assert.equal(toDisposition(BINARY, name), `attachment; ${expected}`));
  }

  it('has no file name where the uploader gave none', () => assert.equal(toDisposition(BINARY, undefined), 'attachment'));

  for (const type of ['image/png', 'Text/Plain; charset=utf-8', 'VIDEO/MP4', 'audio/flac ; x=y']) {
    it(`shows ${type} inline`, () => assert.equal(toDisposition(type, undefined), 'inline'));
  }
  for (const type of ['text/html', 'TEXT/HTML', 'image/svg+xml', 'image/svg+xml; charset=utf-8', 'text/javascript', 'application/pdf', 'application/xhtml+xml', 'text/html,image/png', 'multipart/x-mixed-replace', '', 'image', 'text/xml']) {
    it(`never shows ${JSON.stringify(type)} inline`, () => assert.equal(toDisposition(type, undefined), 'attachment'));
  }
});

describe('an upload name', () => {
  const cleaned: [string | undefined, string | undefined][] = [
    [undefined, undefined], ['', undefined], ['   ', undefined], ['\r\n', undefined],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie: x=1'], ['nul\u0000l', 'null'], ['../../etc/passwd', '.._.._etc_passwd'], ['a\\b', 'a_b'],
    ['photo\u202Egpj.exe', 'photogpj.exe'], ['zero\u200Bwidth', 'zerowidth'], ['ok name.txt', 'ok name.txt'], ['lone \ud800 half', 'lone \ufffd half'],
  ];
  for (const [given, expected] of cleaned) {
    it(`${JSON.stringify(given)} becomes ${JSON.stringify(expected)}`, () => assert.equal(cleanUploadName(given), expected));
  }

  it('is cut to 255 bytes and keeps its extension and whole characters', () => {
    const name = cleanUploadName(`${'é'.repeat(5000)}.jpeg`) ?? '';
    assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) >= 253, `${Buffer.byteLength(name)} bytes`);
    assert.match(name, /^é+\.jpeg$/);
  });
});
