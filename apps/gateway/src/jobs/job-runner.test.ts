import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { JobState } from '@medley/proto/metadata/jobs';
import { eventually } from '@medley/testing/eventually';
import { JobRunner, type JobRunnerOptions } from './job-runner.ts';
import { parseProgress } from './job-progress.ts';
import { FakeMetadata, gatewayOf } from './jobs.fixture.ts';

const QUICK = { pollMs: 10, batch: 10, leaseMs: 200 };
const GRACE_MS = 5000;

/** Runs jobs on `metadata` while `work` looks at what they do. */
async function whileRunning(metadata: FakeMetadata, work: (runner: JobRunner) => Promise<void>, options: Partial<JobRunnerOptions> = {}): Promise<void> {
  const runner = new JobRunner(gatewayOf(metadata), { ...QUICK, ...options });
  try {
    await work(runner);
  } finally {
    await runner.stop(GRACE_MS);
  }
}

function until(metadata: FakeMetadata, id: string, state: JobState): Promise<void> {
  return eventually(() => assert.equal(metadata.requireJob(id).state, state), 5000, 5);
}

function progressOf(metadata: FakeMetadata, id: string) {
  return parseProgress(metadata.requireJob(id).progress);
}

describe('a job', () => {
  it('works off all media that its filter lets through, batch by batch', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(25);
    const { id } = metadata.addJob();
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.deepEqual(metadata.deletions.map((batch) => batch.length), [10, 10, 5]);
    assert.equal(metadata.media.size, 0);
    const { total, done, bytes, failed, kept } = progressOf(metadata, id);
    assert.deepEqual({ total, done, bytes, failed, kept }, { total: 25, done: 25, bytes: 250, failed: 0, kept: 0 });
    assert.equal(metadata.leases.size, 0);
  });

  it('is run by one of several gateways', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(60);
    const ids = [metadata.addJob().id, metadata.addJob().id];
    await whileRunning(metadata, () => whileRunning(metadata, async () => {
      for (const id of ids) await until(metadata, id, JobState.DONE);
    }), { maxJobs: 1 });
    assert.equal(progressOf(metadata, ids[0] ?? '').done + progressOf(metadata, ids[1] ?? '').done, 60);
  });

  it('goes on where it was saved when metadata comes back', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(30);
    const { id } = metadata.addJob();
    let failures = 0;
    metadata.beforeDelete = async () => {
      if (metadata.deletions.length === 1 && (failures += 1) < 3) throw new MediaError('SERVICE_UNAVAILABLE', 'away');
    };
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.equal(failures, 3);
    assert.deepEqual([progressOf(metadata, id).done, metadata.deletions.length], [30, 3]);
  });

  it('of a gateway that died goes on at another one, once the lease has ended', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(30);
    const { id } = metadata.addJob({ state: JobState.RUNNING, progress: JSON.stringify({ after: 'm0009', total: 30, done: 10, bytes: 100, kept: 0, failed: 0 }) });
    const heldUntil = performance.now() + 100;
    metadata.leases.set(`job/${id}`, { holder: 'the dead', until: heldUntil });
    metadata.beforeDelete = async () => assert.ok(performance.now() >= heldUntil);
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.deepEqual(metadata.deletions[0]?.[0], 'm0010');
    assert.equal(progressOf(metadata, id).done, 30);
  });

  it('that is cancelled ends after the batch under way', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(50);
    const { id } = metadata.addJob();
    metadata.beforeDelete = async () => void metadata.jobs.set(id, { ...metadata.requireJob(id), cancelRequested: true });
    await whileRunning(metadata, () => until(metadata, id, JobState.CANCELLED));
    assert.deepEqual([metadata.deletions.length, metadata.media.size], [1, 40]);
  });

  it('is left to others after the batch under way when its gateway stops', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(50);
    const { id } = metadata.addJob();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    metadata.beforeDelete = async () => {
      begin();
      await gate;
    };
    const runner = new JobRunner(gatewayOf(metadata), QUICK);
    await begun;
    const stopped = runner.stop(GRACE_MS);
    open();
    await stopped;
    assert.deepEqual([metadata.deletions.length, progressOf(metadata, id).done, metadata.requireJob(id).state], [1, 10, JobState.RUNNING]);
    assert.equal(metadata.leases.size, 0);
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.equal(progressOf(metadata, id).done, 50);
  });

  it('changes nothing in a dry run', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(25);
    const { id } = metadata.addJob({ input: JSON.stringify({ filter: {}, dry_run: true }) });
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.deepEqual([metadata.media.size, progressOf(metadata, id).done, progressOf(metadata, id).bytes], [25, 25, 250]);
  });

  it('keeps avatars unless they are meant', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(5);
    metadata.avatars.add('m0001').add('m0003');
    const { id } = metadata.addJob();
    await whileRunning(metadata, async () => {
      await until(metadata, id, JobState.DONE);
      assert.deepEqual([...metadata.media.keys()], ['m0001', 'm0003']);
      assert.deepEqual([progressOf(metadata, id).done, progressOf(metadata, id).kept], [3, 2]);
      const all = metadata.addJob({ input: JSON.stringify({ filter: { kind: 'local' }, include_avatars: true }) });
      await until(metadata, all.id, JobState.DONE);
    });
    assert.equal(metadata.media.size, 0);
  });

  it('does not touch what came after it was ordered', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(1);
    metadata.media.forEach((record, id) => metadata.media.set(id, { ...record, createdAtMs: 100 }));
    const { id } = metadata.addJob({ createdAtMs: 99 });
    await whileRunning(metadata, () => until(metadata, id, JobState.DONE));
    assert.equal(metadata.media.size, 1);
  });

  it('that can not be understood fails, and says why', async () => {
    const metadata = new FakeMetadata();
    const { id } = metadata.addJob({ input: '{"filter":{"colour":"red"}}' });
    await whileRunning(metadata, () => until(metadata, id, JobState.FAILED));
    assert.match(metadata.requireJob(id).failure, /colour/);
  });

  it('of a homeserver that is not configured waits', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(1);
    const strange = metadata.addJob({ origin: 'b.example' });
    const own = metadata.addJob({ input: JSON.stringify({ filter: {}, dry_run: true }) });
    await whileRunning(metadata, () => until(metadata, own.id, JobState.DONE));
    assert.deepEqual([metadata.requireJob(strange.id).state, metadata.media.size], [JobState.QUEUED, 1]);
  });

  it('hides what is used in a room but the avatars of its members', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(3);
    metadata.avatars.add('m0001');
    const input = JSON.stringify({ filter: { room: '!r:a.example' }, dry_run: true });
    const [hiding, counting] = [metadata.addJob({ action: 'quarantine', input }), metadata.addJob({ action: 'protect', input })];
    await whileRunning(metadata, async () => {
      for (const { id } of [hiding, counting]) await until(metadata, id, JobState.DONE);
    });
    const doneBy = (id: string): unknown => JSON.parse(metadata.requireJob(id).progress).done;
    assert.deepEqual([doneBy(hiding.id), doneBy(counting.id)], [2, 3]);
  });

  it('is known to run while its first batch is under way, so that cancelling it loses nothing of that', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(1);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    metadata.beforeDelete = () => (begin(), gate);
    const { id } = metadata.addJob();
    await whileRunning(metadata, async () => {
      await begun;
      assert.equal(metadata.requireJob(id).state, JobState.RUNNING);
      open();
      await until(metadata, id, JobState.DONE);
    });
  });

  it('waits while as many others run as may', async () => {
    const metadata = new FakeMetadata();
    metadata.addMedia(1);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    metadata.beforeDelete = () => gate;
    const [first, second] = [metadata.addJob(), metadata.addJob({ input: JSON.stringify({ filter: {}, dry_run: true }) })];
    await whileRunning(metadata, async (runner) => {
      await eventually(() => assert.equal(metadata.leases.has(`job/${first.id}`), true), 5000, 5);
      assert.deepEqual([runner.runningCount, metadata.requireJob(second.id).state], [1, JobState.QUEUED]);
      open();
      await until(metadata, second.id, JobState.DONE);
    }, { maxJobs: 1 });
    assert.equal(metadata.requireJob(first.id).state, JobState.DONE);
  });

  it('begins as soon as another one has ended, or it is ordered here', async () => {
    const metadata = new FakeMetadata();
    const ids = [metadata.addJob().id, metadata.addJob().id];
    const gateway = gatewayOf(metadata);
    const runner = new JobRunner(gateway, { ...QUICK, pollMs: 60_000, maxJobs: 1 });
    for (const id of ids) await until(metadata, id, JobState.DONE);
    const { id } = metadata.addJob();
    gateway.newJobs.ring();
    await until(metadata, id, JobState.DONE);
    await runner.stop(GRACE_MS);
  });
});
