import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { MongoNetworkError, MongoNetworkTimeoutError, MongoServerError } from 'mongodb';
import { isDuplicateKey, translateMongoError } from './mongodb-errors.ts';

const SECRET = 'mongo-7.internal:27017';

const serverError = (code: number): MongoServerError => new MongoServerError({ code, message: SECRET });

const CASES: readonly (readonly [string, Error, MediaErrorReason])[] = [
  ['a lost connection', new MongoNetworkError(SECRET), 'SERVICE_UNAVAILABLE'],
  ['a connection that breaks while it is written to', Object.assign(new Error(`write ${SECRET}`), { code: 'ECONNRESET' }), 'SERVICE_UNAVAILABLE'],
  ['a server that is not primary', serverError(10_107), 'SERVICE_UNAVAILABLE'],
  ['a primary that stepped down', serverError(189), 'SERVICE_UNAVAILABLE'],
  ['a server that shuts down', serverError(91), 'SERVICE_UNAVAILABLE'],
  ['an overloaded server', new MongoServerError({ message: SECRET, errorLabels: ['SystemOverloadedError'] }), 'SERVICE_UNAVAILABLE'],
  ['a silent connection', new MongoNetworkTimeoutError(SECRET), 'TIMED_OUT'],
  ['a majority that does not confirm', serverError(64), 'TIMED_OUT'],
  ['a connection lost in the midst of several writes', new MongoServerError(new MongoNetworkError(SECRET)), 'SERVICE_UNAVAILABLE'],
  ['a connection silent in the midst of several writes', new MongoServerError(new MongoNetworkTimeoutError(SECRET)), 'TIMED_OUT'],
  ['an operation over its time', serverError(50), 'TIMED_OUT'],
];

for (const [what, error, reason] of CASES) {
  test(`${what} becomes ${reason}, without the driver's words`, () => {
    const translated = translateMongoError(error);
    assert.ok(translated instanceof MediaError);
    assert.equal(translated.reason, reason);
    assert.equal(translated.cause, error);
    assert.ok(!translated.message.includes(SECRET));
  });
}

test('what nobody expects stays as it is', () => {
  for (const error of [serverError(13), new TypeError('a bug'), new MediaError('NOT_FOUND', 'No such media')]) {
    assert.equal(translateMongoError(error), error);
  }
});

test('a duplicate key is told from other failures', () => {
  assert.equal(isDuplicateKey(serverError(11_000)), true);
  assert.equal(isDuplicateKey(serverError(13)), false);
});
