import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { createLogger } from './logger.ts';
import { createMetrics, durationHistogram } from './metrics.ts';
import { countOutcomes } from './outcomes.ts';
import { currentTraceId, currentTraceparent, inSpan, isTracing, openSpan, toErrorClass } from './spans.ts';
import { startTracing, type Tracing } from './tracing.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Traces that are sent to `url`, until it is disposed of. */
async function traced(url: string, options: Partial<Parameters<typeof startTracing>[0]> = {}): Promise<Tracing & AsyncDisposable> {
  const tracing = await startTracing({ service: 'test', endpoint: url, ratio: 1, maxQueued: 100, ...options });
  return { ...tracing, [Symbol.asyncDispose]: () => tracing.shutdown() };
}

describe('with traces off', () => {
  it('work just runs, and there is nothing to send on', async () => {
    assert.equal(isTracing(), false);
    assert.equal(openSpan({ name: 'x' }), undefined);
    assert.equal(await inSpan({ name: 'x' }, async () => currentTraceparent() ?? 'none'), 'none');
  });
});

describe('with traces on', () => {
  it('work is within its span, and whoever is asked for more gets its traceparent', async () => {
    await using receiver = await serve((_request, response) => void response.end('{}'));
    await using _tracing = await traced(receiver.url);
    const [outer, inner] = await inSpan({ name: 'outer' }, async () => [currentTraceparent(), await inSpan({ name: 'inner' }, async () => currentTraceparent())]);
    assert.match(outer ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(outer?.slice(0, 36), inner?.slice(0, 36));
    assert.notEqual(outer, inner);
    assert.equal(currentTraceparent(), undefined);
  });

  for (const parent of ['', 'x', '00-0-0-01', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`, `00-${'G'.repeat(32)}-${'1'.repeat(16)}-01`]) {
    it(`begins a new trace where the parent is said to be ${JSON.stringify(parent)}`, async () => {
      await using receiver = await serve((_request, response) => void response.end('{}'));
      await using _tracing = await traced(receiver.url);
      const span = openSpan({ name: 'x', parent });
      assert.match(span?.traceparent ?? '', /^00-(?!0{32}|1{32})[0-9a-f]{32}-/);
      span?.end();
    });
  }

  it('tells the class of a failure and never its message', async () => {
    const bodies: string[] = [];
    await using receiver = await serve(async (request, response) => {
      bodies.push(await text(request));
      response.end('{}');
    });
    const tracing = await traced(receiver.url);
    await assert.rejects(inSpan({ name: 'x' }, () => Promise.reject(new MediaError('NOT_FOUND', 'secret-name is not here'))));
    await tracing.shutdown();
    assert.match(bodies.join(''), /NOT_FOUND/);
    assert.doesNotMatch(bodies.join(''), /secret-name/);
  });

  it('sends nothing of a trace that is not to be told, but passes that on', async () => {
    let posts = 0;
    await using receiver = await serve((_request, response) => {
      posts += 1;
      response.end('{}');
    });
    const tracing = await traced(receiver.url, { ratio: 0 });
    assert.match(await inSpan({ name: 'x' }, async () => currentTraceparent() ?? ''), /-00$/);
    await tracing.shutdown();
    assert.equal(posts, 0);
  });

  it('goes on where the receiver is away, and ends soon', async () => {
    const tracing = await traced('http://127.0.0.1:1');
    for (let times = 0; times < 1000; times += 1) await inSpan({ name: 'x' }, async () => {});
    const startedAt = performance.now();
    await tracing.shutdown();
    assert.ok(performance.now() - startedAt < 20_000);
    assert.equal(isTracing(), false);
  });

  it('drops what does not fit into the queue', async () => {
    const gate = Promise.withResolvers<void>();
    let spans = 0;
    await using receiver = await serve(async (request, response) => {
      spans += (await text(request)).split('"spanId"').length - 1;
      await gate.promise;
      response.end('{}');
    });
    const tracing = await traced(receiver.url, { maxQueued: 10 });
    for (let times = 0; times < 10_000; times += 1) openSpan({ name: 'x' })?.end();
    gate.resolve();
    await tracing.shutdown();
    assert.ok(spans > 0 && spans <= 30, `${spans} spans`);
  });

  it('shows its trace in the log', async () => {
    await using receiver = await serve((_request, response) => void response.end('{}'));
    await using _tracing = await traced(receiver.url);
    const lines: string[] = [];
    const log = createLogger('test', 'info', { write: (line) => void lines.push(line) });
    const traceId = await inSpan({ name: 'x' }, async () => {
      log.info('said');
      return currentTraceId();
    });
    assert.equal((JSON.parse(lines[0] ?? '{}') as Record<string, unknown>)['trace_id'], traceId);
  });
});

describe('a scrape', () => {
  it('has exemplars for who takes OpenMetrics, and is plain text for all others', async () => {
    await using receiver = await serve((_request, response) => void response.end('{}'));
    await using _tracing = await traced(receiver.url);
    const metrics = createMetrics();
    const duration = durationHistogram(metrics.meter, 'some.duration', 'How long', [1, 2]);
    countOutcomes(metrics.meter, { name: 'some.things', description: 'Things', label: 'kind', values: ['a', 'b'] })('b');
    const traceId = await inSpan({ name: 'x' }, async () => {
      duration.record(1.5, { route: 'r' });
      return currentTraceId();
    });
    await using server = await serve((request, response) => void metrics.scrape(request, response));
    const plain = await (await fetch(server.url)).text();
    assert.match(plain, /^some_duration_bucket\{route="r",le="2"\} 1$/m);
    assert.match(plain, /^some_things_total\{kind="a"\} 0$/m);
    const open = await fetch(server.url, { headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' } });
    assert.match(open.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1.0.0/);
    const said = await open.text();
    assert.match(said, new RegExp(`^some_duration_bucket\\{route="r",le="2"\\} 1 # \\{trace_id="${traceId}"\\} 1\\.5 [0-9.]+$`, 'm'));
    assert.match(said, /^# TYPE some_things counter$/m);
    assert.ok(said.endsWith('# EOF\n'));
  });
});

describe('the class of a failure', () => {
  for (const [error, expected] of [
    [new MediaError('BUSY', 'x'), 'BUSY'], [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'], [new TypeError('x'), 'TypeError'],
    [Object.assign(new Error('x'), { code: 'a secret' }), 'Error'], [{ any: 'thing' }, 'unknown'],
  ] as const) {
    it(`is ${expected}`, () => assert.equal(toErrorClass(error), expected));
  }
});
