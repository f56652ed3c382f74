import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { originalAt } from '@medley/domain/blob-key';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { PutBlobRequest } from '@medley/proto/storage';
import { randomBody } from '../harness/bodies.ts';
import { KnownBody } from '../harness/known-body.ts';
import type { LogLine } from '../harness/program.ts';
import { Random } from '../harness/random.ts';
import { embeddedStores } from '../harness/stores.ts';
import { Bodies } from './bodies.ts';
import { check, type Verdict } from './checker.ts';
import { Client } from './client.ts';
import { Cluster } from './cluster.ts';
import { History, type MediaFacts } from './history.ts';
import { failuresOf } from './is-good.ts';
import { upload, type Worker } from './operations.ts';
import { viewStores } from './store-view.ts';

let cluster: Cluster;
let client: Client;

before(async () => {
  cluster = await Cluster.start(embeddedStores());
  client = new Client(cluster.site);
});
after(async () => {
  client[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
});

/** Somebody who has uploaded one body and knows that. */
async function start(): Promise<{ readonly worker: Worker; readonly facts: MediaFacts; readonly body: KnownBody }> {
  const random = new Random(1);
  const worker = { client, random, bodies: new Bodies(random, 0), history: new History(0) };
  const body = await KnownBody.generate(randomBody(8).toString('hex'), 300_000);
  const facts = await upload(worker, body);
  assert.ok(facts);
  return { worker, facts, body };
}

async function judge({ history }: Worker, logs: readonly LogLine[] = []): Promise<Partial<Verdict>> {
  const download = (facts: MediaFacts) => client.download(facts.uri, { query: { timeout_ms: 0 } });
  return failuresOf(await check({ history, view: await viewStores(cluster.site), download, logs, secrets: ['a secret'] }));
}

/** The path of the blob, or folder, whose own path ends like this. */
async function findPath(ending: string): Promise<string> {
  const paths = await readdir(cluster.site.dataFolder, { recursive: true });
  const path = paths.find((name) => name.endsWith(ending));
  assert.ok(path, paths.join('\n'));
  return join(cluster.site.dataFolder, path);
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[200_000] = (bytes[200_000] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Calls storage past all that keeps it safe. */
async function storage<Value>(work: (rpc: ReturnType<typeof cluster.site.connectStorage>['rpc']) => Promise<Value>): Promise<Value> {
  const connected = cluster.site.connectStorage();
  try {
    return await work(connected.rpc);
  } finally {
    connected.close();
  }
}

describe('the checker of crash runs', () => {
  it('finds nothing where nothing is wrong', async () => {
    const { worker } = await start();
    assert.deepEqual(await judge(worker), {});
  });

  it('finds a record whose bytes somebody removed', async () => {
    const { worker, body } = await start();
    await storage((rpc) => rpc.deleteBlob({ key: originalAt({ digest: body.digest, store: COMMON_STORE }), withDerived: true }));
    const found = await judge(worker);
    await upload(worker, body);
    assert.deepEqual([found.lost, found.dangling, found.orphans], [1, 1, undefined]);
  });

  it('finds a blob with a byte that is another', async () => {
    const { worker, body } = await start();
    const path = await findPath(body.digest);
    await flipByte(path);
    const found = await judge(worker);
    await flipByte(path);
    assert.equal(found.lost, 1);
  });

  it('finds a blob that no record names', async () => {
    const { worker } = await start();
    const { blob } = await storage((rpc) => rpc.putBlob(streamOf('nobody needs this')));
    const found = await judge(worker);
    await storage((rpc) => rpc.deleteBlob({ key: originalAt({ digest: blob?.digest ?? '', store: COMMON_STORE }), withDerived: true }));
    assert.deepEqual(found, { orphans: 1 });
  });

  it('finds what an unfinished upload left', async () => {
    const { worker } = await start();
    const path = join(await findPath('staging'), 'left-behind');
    await writeFile(path, 'half');
    const found = await judge(worker);
    await rm(path);
    assert.equal(found.leftovers, 1);
  });

  it('finds media that is still served though its deletion was acknowledged', async () => {
    const { worker, facts } = await start();
    worker.history.beginDeletion(facts)();
    assert.deepEqual(await judge(worker), { servedAfterRemoval: 1 });
  });

  it('finds a copy that is still served though its bytes were quarantined', async () => {
    const { worker, body } = await start();
    worker.history.beginQuarantine(body.digest)();
    assert.deepEqual(await judge(worker), { servedAfterRemoval: 1 });
  });

  it('finds acknowledged media that is not there', async () => {
    const { worker, facts, body } = await start();
    await client.admin.deleteMedia({ keys: [facts.uri], by: 'behind its back' });
    const found = await judge(worker);
    await upload(worker, body);
    assert.deepEqual([found.lost, found.wronglyMissing], [1, 1]);
  });

  it('finds an upload that is served though it was cut off', async () => {
    const { worker, facts } = await start();
    const { history } = worker;
    history.media.clear();
    history.know(facts.uri);
    assert.deepEqual(await judge(worker), { servedCutOff: 1 });
  });

  it('finds media that shows another body than was sent, and a second one', async () => {
    const { worker, facts } = await start();
    const other = await KnownBody.generate('another', 10);
    worker.history.acknowledge(facts, other);
    facts.shown.add(other.digest);
    const found = await judge(worker);
    assert.deepEqual([found.lost, found.cleanButWrong, found.twoBodies], [1, 1, 1]);
  });

  it('finds a range with other bytes', async () => {
    const { worker, facts, body } = await start();
    const answer = await client.download(facts.uri, { headers: { range: 'bytes=5-9' } });
    worker.history.hear(facts, answer, await body.digestOf(6, 11));
    assert.deepEqual(await judge(worker), { cleanButWrong: 1 });
  });

  it('finds a request that has no end', async () => {
    const { worker, facts } = await start();
    worker.history.hear(facts, await client.download(facts.uri, { signal: AbortSignal.timeout(0) }));
    assert.deepEqual(await judge(worker), { hung: 1 });
  });

  it('sees how long a gateway kept everybody waiting', async () => {
    const stoppedMs = 4000;
    cluster.mains.signal('gateway', 'SIGSTOP');
    setTimeout(() => cluster.mains.signal('gateway', 'SIGCONT'), stoppedMs);
    const tookMs = await cluster.restart(['storage']);
    assert.ok(tookMs >= stoppedMs - 100, `it took ${tookMs} ms`);
  });

  it('finds a secret in the logs', async () => {
    const { worker } = await start();
    assert.deepEqual(await judge(worker, [{ msg: 'all is well' }, { msg: 'oops', headers: { authorization: 'Bearer a secret' } }]), { leaks: 1 });
  });
});

async function* streamOf(text: string): AsyncGenerator<PutBlobRequest> {
  const chunk = Buffer.from(text);
  yield { part: { $case: 'header', value: { maxBytes: 1000, store: COMMON_STORE } } };
  yield { part: { $case: 'chunk', value: chunk } };
  yield { part: { $case: 'trailer', value: { sizeBytes: chunk.byteLength } } };
}
