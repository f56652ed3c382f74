import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { originalKey } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { makeTempDir } from '@medley/testing/temp-dir';
import { openFilesystemBlobStore } from './adapters/filesystem/filesystem-blob-store.ts';
import { openLate } from './late-blob-store.ts';
import { chunksOf, NEVER, sha256, UNLIMITED } from './ports/blob-store.fixture.ts';
import { quietTools } from './quiet-tools.fixture.ts';

const AWAY = new MediaError('SERVICE_UNAVAILABLE', 'away');

test('a store that can’t be opened fails every call until it can be, and is then opened once', async () => {
  await using folder = await makeTempDir();
  let [isAway, openings] = [true, 0];
  await using store = openLate(async () => {
    openings += 1;
    if (isAway) throw AWAY;
    return openFilesystemBlobStore(folder.path, ...quietTools());
  });
  for (let round = 0; round < 2; round += 1) await assert.rejects(store.check(NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  isAway = false;
  const bytes = randomBytes(10);
  await Promise.all([store.put(chunksOf(bytes), UNLIMITED, NEVER), store.check(NEVER)]);
  assert.equal((await Array.fromAsync(store.list(undefined, NEVER))).length, 1);
  assert.equal(openings, 3);
});

test('nobody waits for the opening of a store longer than he wants to', async () => {
  const opening = Promise.withResolvers<never>();
  const store = openLate(() => opening.promise);
  const calls = [
    (signal: AbortSignal) => store.check(signal),
    (signal: AbortSignal) => store.stat(originalKey(sha256(randomBytes(8))), signal),
    (signal: AbortSignal) => Array.fromAsync(store.list(undefined, signal)),
  ];
  for (const call of calls) {
    const waiting = new AbortController();
    const called = call(waiting.signal);
    waiting.abort(new Error('gone'));
    await assert.rejects(called, /gone/);
  }
  opening.reject(AWAY);
});

for (const reopens of [true, false]) {
  test(`a store that was away is ${reopens ? 'opened anew' : 'the one that it was'} when it comes back`, async () => {
    await using folder = await makeTempDir();
    const root = join(folder.path, 'store');
    let openings = 0;
    await using store = openLate(() => {
      openings += 1;
      return openFilesystemBlobStore(root, ...quietTools());
    }, { reopens });
    await store.check(NEVER);
    await rm(root, { recursive: true });
    await assert.rejects(store.check(NEVER), { reason: 'SERVICE_UNAVAILABLE' });
    await store.check(NEVER).then(() => assert.ok(reopens), () => assert.ok(!reopens));
    assert.equal(openings, reopens ? 2 : 1);
  });
}
