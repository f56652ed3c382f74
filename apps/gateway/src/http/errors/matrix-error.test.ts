import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MEDIA_ERROR_REASONS, MediaError } from '@medley/domain/media-error';
import { HomeserverRefusal } from './homeserver-refusal.ts';
import { toMatrixError } from './matrix-error.ts';

describe('an error in Matrix’s form', () => {
  for (const reason of MEDIA_ERROR_REASONS) {
    it(`has a status, an errcode and the message for ${reason}`, () => {
      const { status, body } = toMatrixError(new MediaError(reason, 'why'));
      assert.ok(status >= 400 && status < 600, String(status));
      assert.match(String(body['errcode']), /^M_[A-Z_]+$/);
      assert.equal(body['error'], 'why');
    });
  }

  it('never logs a user out for an outage', () => {
    for (const reason of ['HOMESERVER_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 'INTERNAL', 'TIMED_OUT'] as const) {
      const { status, body } = toMatrixError(new MediaError(reason, ''));
      assert.notEqual(status, 401);
      assert.equal(body['errcode'], 'M_UNKNOWN');
    }
  });

  it('says nothing of what was not expected', () => {
    assert.deepEqual(toMatrixError(new Error('secret')).body, { errcode: 'M_UNKNOWN', error: 'Internal error' });
    assert.equal(toMatrixError('thrown text').status, 500);
  });

  it('tells when to try again, in seconds in the header and in milliseconds in the body of a 429', () => {
    const limited = toMatrixError(new MediaError('PENDING_LIMIT', '', { retryAfterMs: 1500 }));
    assert.deepEqual([limited.headers['Retry-After'], limited.body['retry_after_ms']], ['2', 1500]);
    const busy = toMatrixError(new MediaError('BUSY', ''));
    assert.deepEqual([busy.headers['Retry-After'], busy.body['retry_after_ms']], ['1', undefined]);
  });

  it('passes on what the homeserver said', () => {
    const body = { errcode: 'M_UNKNOWN_TOKEN', error: 'x', soft_logout: true };
    assert.deepEqual(toMatrixError(new HomeserverRefusal(429, body, '7')), { status: 429, headers: { 'Retry-After': '7' }, body });
  });
});
