import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import { because, contentOf } from '../ports/samples.contract.ts';
import { blobSubject, digestSubject, parseSubject, toSubjectText } from './acts.ts';
import { parseBlobText, toBlobText } from './blob-name.ts';

const { digest } = contentOf('a');

test('a blob of the common store is its digest, and every other has a text of its own', () => {
  assert.equal(toBlobText({ digest, store: COMMON_STORE }), digest);
  for (const name of [COMMON_STORE, 'example.org', 'example.org:8448', '[::1]:8448', 'mxc:80']) {
    const blob = { digest, store: parseStoreName(name) };
    assert.deepEqual(parseBlobText(toBlobText(blob)), blob);
    // Whoever reads of media alone passes it over, whatever the store is called.
    assert.ok(!toBlobText(blob).startsWith('mxc:'));
    assert.deepEqual(parseSubject(toSubjectText(blobSubject(blob))), blobSubject(blob));
  }
  assert.deepEqual(parseSubject(digest), digestSubject(digest));
});

test('what names no blob is refused', () => {
  for (const text of ['', 'abc', `abc@example.org`, `${digest}@a b`, `${digest}@a@b`]) {
    assert.throws(() => parseBlobText(text), because('INVALID_PARAM'), text);
  }
});
