import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { createLogger } from '@medley/telemetry/logger';
import { createMetrics } from '@medley/telemetry/metrics';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { serveHttp } from '../gateway.fixture.ts';
import { WebhookSender, type WebhookSenderOptions } from './webhook-sender.ts';
import { FakeLog, Receiver, SECRET } from './webhooks.fixture.ts';
import { observeWebhooks, Webhooks } from './webhooks.ts';

const QUICK = { pollMs: 5, firstPauseMs: 1, maxPauseMs: 4 };
const GRACE_MS = 10_000;
/** Long enough for a machine that does much else. */
const TIMEOUT_MS = 60_000;

function configOf({ url }: Pick<Receiver, 'url'>, timeout = TIMEOUT_MS) {
  return { name: 'hook', url, secret: SECRET, timeout };
}

interface Scene extends AsyncDisposable {
  readonly metadata: FakeLog;
  readonly receiver: Receiver;
  /** One more gateway. */
  start(options?: Partial<WebhookSenderOptions>, timeout?: number): WebhookSender;
}

/** A webhook that is to be told of all that happens from now on, and no gateway. */
async function setUp(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const receiver = opened.use(await Receiver.start());
  const metadata = new FakeLog();
  metadata.positions.set('webhook/hook', 0);
  const owned = opened.move();
  return {
    metadata,
    receiver,
    start(options = {}, timeout = TIMEOUT_MS) {
      const sender = new WebhookSender(configOf(receiver, timeout), { metadata, ...quietTelemetry(), ...QUICK, ...options });
      owned.defer(() => sender.stop(GRACE_MS));
      return sender;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Waits until all of the log was taken, in its order, each once. */
async function untilTold({ metadata, receiver }: Scene): Promise<void> {
  await eventually(() => assert.deepEqual(receiver.sequences, upTo(metadata.changes.length)));
}

describe('a webhook', () => {
  it('is told of every act in order, at most 100 in a post', async () => {
    await using scene = await setUp();
    for (let count = 0; count < 250; count += 1) scene.metadata.add();
    scene.start();
    await untilTold(scene);
    assert.deepEqual(scene.receiver.received.map(({ sequences }) => sequences.length), [100, 100, 50]);
    scene.metadata.add();
    await untilTold(scene);
  });

  it('hears who did what to which media or bytes, when and why, and nothing of lost bytes', async () => {
    await using scene = await setUp();
    scene.metadata.add(ChangeKind.LOST);
    scene.metadata.add(ChangeKind.DELETED, { reason: 'spam' });
    scene.metadata.add(ChangeKind.FOUND);
    scene.metadata.add(ChangeKind.RELEASED, { subject: { $case: 'digest', value: 'f'.repeat(64) } });
    scene.start();
    await eventually(() => assert.deepEqual(scene.receiver.received.map(({ body }) => body), [{
      webhook: 'hook',
      changes: [
        { sequence: 2, kind: 'deleted', media: 'mxc://a.example/m2', by: '@admin:a.example', at: 1002, reason: 'spam' },
        { sequence: 4, kind: 'released', digest: 'f'.repeat(64), by: '@admin:a.example', at: 1004 },
      ],
    }]));
  });

  it('hears of every kind of act by a word of its own', async () => {
    await using scene = await setUp();
    const kinds = [ChangeKind.QUARANTINED, ChangeKind.RELEASED, ChangeKind.DELETED, ChangeKind.RESTORED, ChangeKind.PURGED, ChangeKind.PROTECTED, ChangeKind.UNPROTECTED];
    for (const kind of kinds) scene.metadata.add(kind);
    scene.start();
    await untilTold(scene);
    const told = scene.receiver.received.flatMap(({ body }) => body.changes.map(({ kind }) => kind));
    assert.deepEqual(told, ['quarantined', 'released', 'deleted', 'restored', 'purged', 'protected', 'unprotected']);
  });

  it('is not told of what was before it was configured', async () => {
    await using scene = await setUp();
    scene.metadata.positions.clear();
    scene.metadata.add();
    scene.start();
    await eventually(() => assert.equal(scene.metadata.positions.get('webhook/hook'), 1));
    scene.metadata.add();
    await eventually(() => assert.deepEqual(scene.receiver.sequences, [2]));
  });

  it('is told as soon as somebody says that something has happened', async () => {
    await using scene = await setUp();
    const sender = scene.start({ pollMs: 3_600_000 });
    await eventually(() => assert.equal(sender.behind, 0));
    scene.metadata.add();
    sender.ring();
    await untilTold(scene);
  });

  it('is told again and again, later and later, until it takes what it is told; nothing is left out', async () => {
    await using scene = await setUp();
    scene.receiver.script.push(500, 404, 302, (request) => request.socket.destroy(), 503);
    const pauses: unknown[] = [];
    const log = createLogger('test', 'warn', { write: (line) => void pauses.push((JSON.parse(line) as { pauseMs: unknown }).pauseMs) });
    scene.metadata.add();
    const sender = scene.start({ log });
    await untilTold(scene);
    scene.metadata.add();
    await untilTold(scene);
    assert.deepEqual([pauses, scene.receiver.requestCount, sender.delivered, sender.failed], [[1, 2, 4, 4, 4], 7, 2, 5]);
  });

  it('is not waited for beyond its time', async () => {
    await using scene = await setUp();
    scene.receiver.script.push(() => {});
    scene.metadata.add();
    const sender = scene.start({}, 300);
    await untilTold(scene);
    assert.ok(sender.failed >= 1);
  });

  it('need not say more than a status; what else it says is not read', async () => {
    await using scene = await setUp();
    scene.receiver.script.push((_request, response) => {
      response.writeHead(200).write('and so on');
      scene.receiver.script.push(204);
    });
    scene.metadata.add();
    const sender = scene.start();
    await eventually(() => assert.equal(sender.delivered, 1));
    assert.equal(scene.metadata.positions.get('webhook/hook'), 1);
  });
});

describe('a webhook and several gateways', () => {
  it('is told again, under the same delivery id, of what a gateway could not note as told', async () => {
    await using scene = await setUp();
    scene.metadata.add();
    scene.metadata.beforeSave = () => Promise.reject(new Error('away'));
    const first = scene.start({ firstPauseMs: 3_600_000, maxPauseMs: 3_600_000 });
    await eventually(() => assert.equal(scene.receiver.received.length, 1));
    await first.stop(GRACE_MS);
    scene.metadata.beforeSave = async () => {};
    scene.start();
    await eventually(() => assert.equal(scene.receiver.received.length, 2));
    const [one, other] = scene.receiver.received;
    assert.deepEqual(one, other);
    scene.metadata.add();
    await eventually(() => assert.deepEqual(scene.receiver.sequences, [1, 1, 2]));
    assert.notEqual(scene.receiver.received[2]?.delivery, one?.delivery);
  });

  it('is told by one of them, and by the other when that has ended', async () => {
    await using scene = await setUp();
    const senders = [scene.start(), scene.start()];
    for (let count = 0; count < 30; count += 1) {
      scene.metadata.add();
      await untilTold(scene);
    }
    const one = senders.find(({ delivered }) => delivered > 0);
    assert.deepEqual(senders.filter(({ delivered }) => delivered > 0), [one]);
    await one?.stop(GRACE_MS);
    scene.metadata.add();
    await untilTold(scene);
    assert.deepEqual(senders.map(({ delivered }) => delivered).toSorted((a, b) => a - b), [1, 30]);
  });

  it('is told by another when the lease of one that died is over', async () => {
    await using scene = await setUp();
    scene.metadata.held.set('webhook/hook', { holder: 'dead', until: Number.POSITIVE_INFINITY });
    scene.metadata.add();
    scene.start();
    await new Promise(setImmediate);
    assert.equal(scene.receiver.requestCount, 0);
    scene.metadata.held.set('webhook/hook', { holder: 'dead', until: performance.now() });
    await untilTold(scene);
  });

  it('lets a post under way end before it stops', async () => {
    await using scene = await setUp();
    const answering = Promise.withResolvers<void>();
    scene.receiver.script.push((_request, response) => void answering.promise.then(() => response.writeHead(204).end()));
    scene.metadata.add();
    const sender = scene.start();
    await eventually(() => assert.equal(scene.receiver.requestCount, 1));
    const stopped = sender.stop(GRACE_MS);
    answering.resolve();
    await stopped;
    assert.deepEqual([scene.metadata.positions.get('webhook/hook'), scene.metadata.held.size], [1, 0]);
  });
});

it('operators see how well each webhook is told', async () => {
  const metadata = new FakeLog();
  metadata.positions.set('webhook/hook', 0);
  for (let count = 0; count < 3; count += 1) metadata.add();
  await using receiver = await Receiver.start();
  receiver.script.push(500, 500);
  const metrics = createMetrics();
  await using scraped = await serveHttp((request, response) => metrics.scrape(request, response));
  const webhooks = new Webhooks([configOf(receiver)], { metadata, ...quietTelemetry(), ...QUICK, firstPauseMs: 3_600_000, maxPauseMs: 3_600_000 });
  observeWebhooks(metrics.meter, webhooks);
  await eventually(() => assert.equal(webhooks.senders[0]?.failed, 1));
  const text = await (await fetch(scraped.url)).text();
  await webhooks.stop(GRACE_MS);
  for (const line of ['behind\\S* 3', 'failed_total\\S* 1', 'delivered_total\\S* 0']) assert.match(text, new RegExp(`medley_gateway_webhook_${line}`));
});
