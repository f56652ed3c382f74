import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { AccessMarks, type AccessMarksOptions } from './mark-accessed.ts';

/** Metadata that keeps what it is told, in the batches in which it is told, unless it is away. */
function listener() {
  const batches: { readonly mediaId: string; readonly origin: string; readonly atMs: number }[][] = [];
  const state = { isAway: false, batches };
  const markAccessed = async ({ accesses }: { readonly accesses?: readonly { readonly key?: { origin?: string; mediaId?: string } | undefined; readonly atMs?: number }[] }) => {
    if (state.isAway) throw new Error('metadata is away');
    batches.push((accesses ?? []).map(({ key, atMs }) => ({ mediaId: key?.mediaId ?? '', origin: key?.origin ?? '', atMs: atMs ?? 0 })));
    return {};
  };
  return { state, metadata: { markAccessed } };
}

function open(metadata: ReturnType<typeof listener>['metadata'], options: AccessMarksOptions = { flushEveryMs: 60_000 }): AccessMarks {
  return new AccessMarks(metadata, quietTelemetry().log, options);
}

const soon = () => AbortSignal.timeout(5000);

test('media that is asked for often is told once, with the last time', async () => {
  const { state, metadata } = listener();
  await using marks = open(metadata);
  const before = Date.now();
  for (let count = 0; count < 100; count += 1) marks.mark('mxc://example.org:8448/abc');
  await marks.flush(soon());
  assert.deepEqual(state.batches.map((batch) => batch.map(({ origin, mediaId }) => [origin, mediaId])), [[['example.org:8448', 'abc']]]);
  assert.ok((state.batches[0]?.[0]?.atMs ?? 0) >= before);
  await marks.flush(soon());
  assert.equal(state.batches.length, 1);
});

test('much is told in pieces that one call may carry', async () => {
  const { state, metadata } = listener();
  await using marks = open(metadata);
  for (let count = 0; count < 2500; count += 1) marks.mark(`mxc://example.org/${count}`);
  await marks.flush(soon());
  assert.deepEqual(state.batches.map(({ length }) => length), [1000, 1000, 500]);
});

test('what could not be told is told with the next', async () => {
  const { state, metadata } = listener();
  await using marks = open(metadata);
  state.isAway = true;
  marks.mark('mxc://example.org/first');
  await marks.flush(soon());
  marks.mark('mxc://example.org/second');
  state.isAway = false;
  await marks.flush(soon());
  assert.deepEqual(state.batches.flat().map(({ mediaId }) => mediaId).sort(), ['first', 'second']);
});

test('no more is noted than there is room for, also while metadata is away', async () => {
  const { state, metadata } = listener();
  await using marks = open(metadata, { flushEveryMs: 60_000, maxMarks: 3 });
  state.isAway = true;
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 5; count += 1) marks.mark(`mxc://example.org/${round}${count}`);
    await marks.flush(soon());
  }
  state.isAway = false;
  await marks.flush(soon());
  assert.equal(state.batches.flat().length, 3);
});

test('it is told by itself after a while, and at the end', async () => {
  const { state, metadata } = listener();
  const marks = open(metadata, { flushEveryMs: 20 });
  marks.mark('mxc://example.org/while');
  await eventually(() => assert.equal(state.batches.length, 1));
  await marks[Symbol.asyncDispose]();
  const last = open(metadata);
  last.mark('mxc://example.org/end');
  await last[Symbol.asyncDispose]();
  assert.deepEqual(state.batches.flat().map(({ mediaId }) => mediaId), ['while', 'end']);
});
