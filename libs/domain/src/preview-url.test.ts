import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePreviewUrl } from './preview-url.ts';

describe('parsePreviewUrl', () => {
  it('takes web URLs in their normal form, without fragments', () => {
    assert.equal(parsePreviewUrl('HTTPS://Example.ORG:443/a b?q=ü#there'), 'https://example.org/a%20b?q=%C3%BC');
    assert.equal(parsePreviewUrl(' http://bücher.example '), 'http://xn--bcher-kva.example/');
  });

  it('refuses everything else', () => {
    const bad = ['', 'example.org', '//example.org', 'ftp://a.example/', 'file:///etc/passwd', 'data:text/html,x', 'javascript:1', 'http://', 'http://u:p@a.example/',
      'http://u@a.example/', 'http://a.example:99999/', `http://a.example/${'x'.repeat(2048)}`];
    for (const text of bad) assert.throws(() => parsePreviewUrl(text), { reason: 'INVALID_PARAM' }, text.slice(0, 40));
  });
});
