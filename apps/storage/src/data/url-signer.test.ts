import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UrlSigner } from './url-signer.ts';

const signer = new UrlSigner();
const signed = signer.sign('PUT', '/v1/uploads/one', { max_bytes: '10' }, 1000);

test('knows what it signed until it expires', () => {
  const url = signer.verify('PUT', signed, 999);
  assert.equal(url.pathname, '/v1/uploads/one');
  assert.equal(url.searchParams.get('max_bytes'), '10');
  assert.throws(() => signer.verify('PUT', signed, 1000), { reason: 'FORBIDDEN', message: 'The URL has expired' });
});

test('refuses whatever is not exactly what it signed', () => {
  const changed = [
    signed.replace('one', 'two'),
    signed.replace('max_bytes=10', 'max_bytes=11'),
    signed.replace('expires=1000', 'expires=9000'),
    signed.replace('&expires', '&max_bytes=99&expires'),
    `${signed}&max_bytes=99`,
    `${signed}&signature=x`,
    signed.replace(/&signature=.*/, ''),
    signed.replace(/&signature=.*/, '&signature='),
    signed.slice(0, -2),
    '/v1/uploads/one',
    '',
  ];
  for (const target of changed) assert.throws(() => signer.verify('PUT', target, 0), { reason: 'FORBIDDEN' }, target);
  assert.throws(() => signer.verify('GET', signed, 0), { reason: 'FORBIDDEN' });
});

test('does not know what another process signed', () => {
  assert.throws(() => new UrlSigner().verify('PUT', signed, 0), { reason: 'FORBIDDEN' });
});
