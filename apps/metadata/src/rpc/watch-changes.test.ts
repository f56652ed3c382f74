import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeKind, type WatchChangesResponse } from '@medley/proto/metadata/moderation';
import { because, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import type { Client } from '../running-service.fixture.ts';
import { startTwo } from '../two-services.fixture.ts';

const BY = '@admin:example.org';
const PATIENCE = { timeoutMs: 60_000 };

type Watch = AsyncIterator<WatchChangesResponse, void>;

function watch({ rpc }: Client, after?: number, signal = AbortSignal.timeout(30_000)): Watch {
  return rpc.watchChanges({ after }, { ...PATIENCE, signal })[Symbol.asyncIterator]();
}

async function next(watching: Watch): Promise<WatchChangesResponse> {
  const { value } = await watching.next();
  assert.ok(value !== undefined, 'the stream has ended');
  return value;
}

/** The next message that tells of a change. */
async function nextChanges(watching: Watch): Promise<WatchChangesResponse> {
  for (;;) {
    const message = await next(watching);
    if (message.changes.length > 0) return message;
  }
}

function ban({ rpc }: Client, digest: string): Promise<unknown> {
  return rpc.setQuarantine({ keys: [], digests: [digest], quarantined: true, by: BY });
}

test('watchers of every process are told what happens, in order and soon', async () => {
  await using services = await startTwo();
  const [here, there] = services.clients;
  const content = ownContent();
  const { record } = await here.rpc.recordUpload({ origin: ORIGIN, userId: someone(), content });
  const key = record?.key ?? assert.fail('a record has a key');
  const watches = services.clients.map((client) => watch(client));
  for (const watching of watches) assert.deepEqual(await next(watching), { position: 0, changes: [] });
  const startedAt = performance.now();
  await here.rpc.setQuarantine({ keys: [key], digests: [], quarantined: true, by: BY });
  for (const watching of watches) {
    const { position, changes } = await nextChanges(watching);
    assert.equal(position, 2);
    assert.deepEqual(changes.map(({ atMs, ...rest }) => rest), [
      { sequence: 1, kind: ChangeKind.QUARANTINED, subject: { $case: 'key', value: key }, by: BY, reason: undefined, store: '' },
      { sequence: 2, kind: ChangeKind.QUARANTINED, subject: { $case: 'digest', value: content.digest }, by: BY, reason: undefined, store: '' },
    ]);
  }
  assert.ok(performance.now() - startedAt < 2000);
  await there.rpc.deleteMedia({ keys: [key], by: BY });
  for (const watching of watches) assert.deepEqual((await nextChanges(watching)).changes.map(({ kind }) => kind), [ChangeKind.DELETED]);
});

test('whoever comes back with a position misses nothing, however much it is', async () => {
  await using services = await startTwo();
  const [here, there] = services.clients;
  await ban(here, ownContent().digest);
  for (let count = 0; count < 3; count += 1) {
    const digests = Array.from({ length: 500 }, () => ownContent().digest);
    await here.rpc.setQuarantine({ keys: [], digests, quarantined: true, by: BY });
  }
  const watching = watch(there, 1);
  const messages = [await next(watching), await next(watching)];
  assert.deepEqual(messages.map(({ position, changes }) => [position, changes.length]), [[1001, 1000], [1501, 500]]);
  assert.deepEqual(messages.flatMap(({ changes }) => changes.map(({ sequence }) => sequence)), Array.from({ length: 1500 }, (_, index) => index + 2));
});

test('a watcher hears something every second, though nothing happens', async () => {
  await using services = await startTwo();
  const watching = watch(services.clients[0]);
  await next(watching);
  for (let count = 0; count < 3; count += 1) {
    const startedAt = performance.now();
    assert.deepEqual(await next(watching), { position: 0, changes: [] });
    const silenceMs = performance.now() - startedAt;
    assert.ok(silenceMs < 1000, `silent for ${silenceMs} ms`);
  }
});

test('a watch ends with its caller’s signal, and with the service, which does not wait for it', async () => {
  await using services = await startTwo();
  const [here, there] = services.clients;
  const leaving = new AbortController();
  const left = watch(there, undefined, leaving.signal);
  await next(left);
  leaving.abort();
  await assert.rejects(async () => { for (;;) await next(left); }, { name: 'AbortError' });
  const watching = watch(here);
  await next(watching);
  const end = assert.rejects(async () => { for (;;) await next(watching); }, because('SERVICE_UNAVAILABLE'));
  const startedAt = performance.now();
  await services.stop(30_000);
  assert.ok(performance.now() - startedAt < 5000);
  await end;
});
