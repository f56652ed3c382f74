import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { httpAnswer, redirect, type WebScript } from '@medley/safe-fetch/web-server.fixture';
import { eventually } from '@medley/testing/eventually';
import { BELOW, type Federation } from '../testing/federation.fixture.ts';
import { answerOf, DAY, FIRST, json, KeysCase, MINUTE, ORIGIN, SECOND, sign, STRANGER, text, TRUSTED, type Answer } from './keys-case.fixture.ts';
import { ServerKeys } from './server-keys.ts';

test('gives the keys that a server signs with, until they expire', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation, [FIRST, SECOND])));
  const { keys, validUntil } = await one.get(FIRST.keyId);
  assert.deepEqual(Object.fromEntries(keys), { [FIRST.keyId]: Buffer.from(FIRST.publicKey), [SECOND.keyId]: Buffer.from(SECOND.publicKey) });
  assert.equal(validUntil, one.federation.clock.at + DAY);
});

test('B9 believes keys for seven days at most', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation, [FIRST], { valid_until_ts: Date.parse('2090-01-01') })));
  assert.equal((await one.get()).validUntil, one.federation.clock.at + 7 * DAY);
});

test('leaves out keys of other algorithms, weak ones and those that everybody has', async () => {
  await using one = await KeysCase.start();
  const verify_keys = {
    [FIRST.keyId]: { key: text(FIRST) },
    'rsa:1': { key: text(SECOND) },
    'ed25519:a-b': { key: text(SECOND) },
    [`ed25519:${'a'.repeat(129)}`]: { key: text(SECOND) },
    'ed25519:leaked': { key: 'l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og' },
    'ed25519:weak': { key: 'A'.repeat(43) },
    'ed25519:short': { key: 'AAAA' },
    'ed25519:none': {},
  };
  one.says(sign(answerOf(one.federation, [], { verify_keys })));
  assert.deepEqual(await one.ids(), [FIRST.keyId]);
});

/** Why keys are not believed. */
const FAULTS: Readonly<Record<string, (federation: Federation) => WebScript | Answer>> = {
  'B10 they are of another server': (federation) => sign(answerOf(federation, [FIRST], { server_name: BELOW })),
  'B10 they are of another server, by the letter': (federation) => sign(answerOf(federation, [FIRST], { server_name: `${ORIGIN} ` })),
  'nobody has signed them': (federation) => answerOf(federation),
  'another server has signed them': (federation) => sign(answerOf(federation), BELOW),
  'a key signed them that is not among them': (federation) => sign(answerOf(federation), ORIGIN, SECOND),
  'a stranger’s key of the same name signed them': (federation) => sign(answerOf(federation), ORIGIN, STRANGER),
  'they were changed after they were signed': (federation) => ({ ...sign(answerOf(federation)), valid_until_ts: federation.clock.at + DAY + 1 }),
  'an old key signed them': (federation) => sign(answerOf(federation, [SECOND], { old_verify_keys: { [FIRST.keyId]: { key: text(FIRST), expired_ts: 1 } } })),
  'B8 they have expired': (federation) => sign(answerOf(federation, [FIRST], { valid_until_ts: federation.clock.at })),
  'they do not say until when they are valid': (federation) => sign(answerOf(federation, [FIRST], { valid_until_ts: '9999999999999' })),
  'there are none': (federation) => sign(answerOf(federation, [])),
  'there is no list of them': (federation) => sign(answerOf(federation, [], { verify_keys: [text(FIRST)] })),
  'B11 there are more than 64': (federation) => sign(answerOf(federation, Array.from({ length: 65 }, (_, index) => (index === 0 ? FIRST : { ...FIRST, keyId: `ed25519:x${index}` })))),
  'B16 the only one is known to everybody': (federation) => sign(answerOf(federation, [], { verify_keys: { 'ed25519:a': { key: 'l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og' } } })),
  'B15 they hold a fraction': (federation) => ({ ...sign(answerOf(federation)), half: 0.5 }),
  'B11 the answer is too deep': (federation) => httpAnswer('200 OK', {}, JSON.stringify(sign(answerOf(federation))).replace('"old_verify_keys":{}', `"old_verify_keys":${'['.repeat(20_000)}${']'.repeat(20_000)}`)),
  'B11 the answer is too large': (federation) => json({ ...sign(answerOf(federation)), unsigned: 'x'.repeat(64 * 1024) }),
  'B11 the answer does not end': () => (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n{');
    const drip = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(drip));
  },
  'the server says nothing': () => () => {},
  'the server is away': () => (_request, socket) => void socket.destroy(),
  'the answer is no JSON': () => httpAnswer('200 OK', {}, '<html>'),
  'the answer is a list': () => json([]),
  'the answer is an error': (federation) => httpAnswer('403 Challenge', {}, JSON.stringify(sign(answerOf(federation)))),
  'the answer leads elsewhere': () => redirect(`https://${ORIGIN}/elsewhere`),
};

for (const [why, fault] of Object.entries(FAULTS)) {
  test(`does not believe keys when ${why}`, async () => {
    await using one = await KeysCase.start();
    one.federation.matrix.set('/elsewhere', json(sign(answerOf(one.federation))));
    one.says(fault(one.federation));
    await assert.rejects(one.get(), { reason: 'FETCH_FAILED', message: 'The keys of the server could not be fetched' });
  });
}

test('asks neither ourselves nor whom the configuration denies', async () => {
  await using one = await KeysCase.start();
  const { fetch } = one.federation;
  const discovery = one.federation.discovery({ ownNames: [ORIGIN] });
  await assert.rejects(new ServerKeys({ fetch, discovery, notaries: [TRUSTED] }).get(parseServerName(ORIGIN), [], new AbortController().signal), { reason: 'FORBIDDEN' });
  assert.equal(one.federation.matrix.connections, 0);
});

test('B13 asks once for all who wait', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation)));
  await Promise.all(Array.from({ length: 50 }, () => one.get(FIRST.keyId)));
  assert.equal(one.asked, 1);
});

test('B13 asks a server that failed after 1, 2, 4 … minutes, an hour at most, and tells all in between why', async () => {
  await using one = await KeysCase.start();
  one.says(httpAnswer('500 Oops'));
  const times: number[] = [];
  while (times.length < 9) {
    const before = one.asked;
    await Promise.all(Array.from({ length: 3 }, () => assert.rejects(one.get(), { reason: 'FETCH_FAILED' })));
    if (one.asked > before) times.push(one.federation.clock.at);
    one.federation.clock.at += MINUTE;
  }
  assert.deepEqual(times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / MINUTE), [1, 2, 4, 8, 16, 32, 60, 60]);
  one.says(sign(answerOf(one.federation)));
  one.federation.clock.at += 60 * MINUTE;
  assert.deepEqual(await one.ids(), [FIRST.keyId]);
});

test('asks anew in the half of the lifetime, while the keys still hold', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation)));
  await one.get();
  one.federation.clock.at += DAY / 2 - 1;
  await one.get();
  assert.equal(one.asked, 1);
  one.federation.clock.at += 1;
  one.says(sign(answerOf(one.federation, [SECOND]), ORIGIN, SECOND));
  assert.deepEqual(await one.ids(), [FIRST.keyId], 'nobody waits');
  await eventually(async () => assert.deepEqual(await one.ids(), [SECOND.keyId]));
});

test('lets keys hold to their end when the server does not answer any more, and not longer', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation)));
  await one.get();
  one.says(httpAnswer('500 Oops'));
  one.federation.clock.at += DAY - 1;
  assert.deepEqual(await one.ids(), [FIRST.keyId]);
  await eventually(() => assert.equal(one.asked, 2));
  one.federation.clock.at += 1;
  await assert.rejects(one.get(), { reason: 'FETCH_FAILED' });
});

test('asks anew for a key that it does not know, since keys are changed, but once a minute', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation)));
  await one.get(FIRST.keyId);
  one.says(sign(answerOf(one.federation, [FIRST, SECOND])));
  assert.deepEqual([await one.ids(SECOND.keyId), one.asked], [[FIRST.keyId], 1]);
  one.federation.clock.at += MINUTE;
  assert.deepEqual([await one.ids(SECOND.keyId), one.asked], [[FIRST.keyId, SECOND.keyId], 2]);
  await one.get('ed25519:invented');
  assert.equal(one.asked, 2);
});

test('keeps what it knows when it asks in vain for a key that it does not know', async () => {
  await using one = await KeysCase.start();
  one.says(sign(answerOf(one.federation)));
  await one.get();
  one.says(httpAnswer('500 Oops'));
  one.federation.clock.at += MINUTE;
  assert.deepEqual(await one.ids('ed25519:invented'), [FIRST.keyId]);
  await one.get('ed25519:invented');
  assert.equal(one.asked, 2);
});

test('gives short-lived keys, and asks for the next when they have expired', async () => {
  await using one = await KeysCase.start();
  for (let turn = 1; turn <= 3; turn += 1) {
    one.says(sign(answerOf(one.federation, [FIRST], { valid_until_ts: one.federation.clock.at + 1000 })));
    assert.deepEqual([await one.ids(), one.asked], [[FIRST.keyId], turn]);
    one.federation.clock.at += 1000;
  }
});

test('lets one who waits leave, and gives the others their keys', async () => {
  await using one = await KeysCase.start();
  const { promise: asked, resolve: hear } = Promise.withResolvers<() => void>();
  const answer = json(sign(answerOf(one.federation)));
  one.says((_request, socket) => hear(() => void socket.write(answer)));
  const leaving = new AbortController();
  const left = one.keys.get(parseServerName(ORIGIN), [], leaving.signal);
  const stayed = one.ids();
  const reply = await asked;
  leaving.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  reply();
  assert.deepEqual(await stayed, [FIRST.keyId]);
});

test('refuses to ask more than 256 servers at once', async () => {
  await using one = await KeysCase.start();
  const name = (index: number): string => `s${index}.example.net:9443`;
  for (let index = 0; index < 256; index += 1) one.federation.world.dns.set(name(index).replace(/:.*/, ''), () => 'silence');
  const signal = new AbortController().signal;
  const waiting = Array.from({ length: 256 }, (_, index) => one.keys.get(parseServerName(name(index)), [], signal));
  const settled = Promise.allSettled(waiting);
  await assert.rejects(one.get(), { reason: 'BUSY' });
  assert.ok((await settled).every((result) => result.status === 'rejected' && result.reason.reason === 'FETCH_FAILED'));
  one.says(sign(answerOf(one.federation)));
  assert.deepEqual(await one.ids(), [FIRST.keyId]);
});
