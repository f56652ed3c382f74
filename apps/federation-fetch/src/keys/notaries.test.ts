import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpAnswer } from '@medley/safe-fetch/web-server.fixture';
import { BELOW, type Federation } from '../testing/federation.fixture.ts';
import type { NotaryConfig } from './fetch-keys.ts';
import { answerOf, DAY, FIRST, json, KeysCase, NOTARIAL, NOTARY, SECOND, sign, STRANGER, TRUSTED } from './keys-case.fixture.ts';

const QUERY = '/_matrix/key/v2/query';

/** The origin cannot be asked; a notary says these objects. */
async function byNotary(make: (federation: Federation) => readonly unknown[], notaries = [TRUSTED]): Promise<AsyncDisposable & { readonly one: KeysCase; readonly ids: Promise<readonly string[]> }> {
  const one = await KeysCase.start(...notaries);
  one.says(httpAnswer('403 Challenge'));
  one.federation.matrix.set(QUERY, json({ server_keys: make(one.federation) }));
  return { one, ids: one.ids(FIRST.keyId), [Symbol.asyncDispose]: () => one[Symbol.asyncDispose]() };
}

test('asks a notary where the server itself does not answer, and posts what it wants to know', async () => {
  await using one = await KeysCase.start(TRUSTED);
  one.says(httpAnswer('403 Challenge'));
  const heard: string[] = [];
  const answer = json({ server_keys: [sign(sign(answerOf(one.federation)), NOTARY, NOTARIAL)] });
  one.federation.matrix.set(QUERY, ({ method }, socket) => {
    heard.push(method);
    socket.write(answer);
  });
  assert.deepEqual([await one.ids(FIRST.keyId), heard], [[FIRST.keyId], ['POST']]);
});

test('takes of what a notary says the keys that hold longest', async () => {
  await using found = await byNotary((federation) => [
    'x', 1, {},
    sign(sign(answerOf(federation, [FIRST], { valid_until_ts: federation.clock.at + 5 })), NOTARY, NOTARIAL),
    sign(sign(answerOf(federation, [FIRST, SECOND])), NOTARY, NOTARIAL),
    sign(sign(answerOf(federation, [FIRST], { server_name: BELOW })), NOTARY, NOTARIAL),
  ]);
  assert.deepEqual(await found.ids, [FIRST.keyId, SECOND.keyId]);
});

const NOTARY_FAULTS: Readonly<Record<string, (federation: Federation) => readonly unknown[]>> = {
  'it has not signed': (federation) => [sign(answerOf(federation))],
  'the server has not signed': (federation) => [sign(answerOf(federation), NOTARY, NOTARIAL)],
  'somebody else has signed in its name': (federation) => [sign(sign(answerOf(federation)), NOTARY, { ...STRANGER, keyId: NOTARIAL.keyId })],
  'it gives keys of another server': (federation) => [sign(sign(answerOf(federation, [FIRST], { server_name: BELOW })), NOTARY, NOTARIAL)],
  'it gives keys that have expired': (federation) => [sign(sign(answerOf(federation, [FIRST], { valid_until_ts: 1 })), NOTARY, NOTARIAL)],
  'it knows none': () => [],
};

for (const [why, make] of Object.entries(NOTARY_FAULTS)) {
  test(`does not believe a notary when ${why}`, async () => {
    await using found = await byNotary(make);
    await assert.rejects(found.ids, { reason: 'FETCH_FAILED' });
  });
}

test('asks the next notary where one does not answer, and none where the server answers', async () => {
  const away: NotaryConfig = { server_name: `${BELOW}:1`, keys: TRUSTED.keys };
  await using found = await byNotary((federation) => [sign(sign(answerOf(federation)), NOTARY, NOTARIAL)], [away, TRUSTED]);
  assert.deepEqual(await found.ids, [FIRST.keyId]);
  const { requests } = found.one.federation.matrix;
  const before = requests.filter(({ path }) => path === QUERY).length;
  found.one.federation.clock.at += DAY;
  found.one.says(sign(answerOf(found.one.federation)));
  assert.deepEqual(await found.one.ids(), [FIRST.keyId]);
  assert.equal(requests.filter(({ path }) => path === QUERY).length, before);
});
