import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { quietTelemetry } from '@medley/testing/telemetry';
import { toFsMediaError } from './fs-errors.ts';

const { log } = quietTelemetry();
const failure = (code: string): Error => Object.assign(new Error(code), { code });

for (const [reason, codes] of [
  ['STORAGE_FULL', ['ENOSPC', 'EDQUOT']],
  ['SERVICE_UNAVAILABLE', ['EROFS', 'EACCES', 'EIO']],
] as const) {
  test(`${codes.join(', ')} mean ${reason}, without a word of the path`, () => {
    for (const code of codes) {
      const translated = toFsMediaError(failure(code), log);
      assert.ok(translated instanceof MediaError);
      assert.equal(translated.reason, reason);
      assert.ok(!translated.message.includes(code));
    }
  });
}

test('what is no failure of the file system passes unchanged', () => {
  for (const error of [new Error('a bug'), new MediaError('TOO_LARGE', 'too large'), failure('ECONNRESET')]) {
    assert.equal(toFsMediaError(error, log), error);
  }
});
