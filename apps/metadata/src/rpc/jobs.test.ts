import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JobState } from '@medley/proto/metadata/jobs';
import { because, HOUR_MS, ORIGIN } from '../ports/samples.contract.ts';
import { useTwo } from '../two-services.fixture.ts';

const JOB = { action: 'delete-media', input: '{"dryRun":true}', by: '@admin:example.org', reason: 'spam', origin: ORIGIN };

describe('leases, jobs and positions, over the wire', () => {
  const two = useTwo();

  const create = async () => (await two.here.createJob(JOB)).job ?? assert.fail('a job is answered');

  test('one replica has a lease until it gives it back', async () => {
    const lease = { name: 'jobs/run', ttlMs: HOUR_MS };
    const { granted, untilMs } = await two.here.takeLease({ ...lease, holder: 'a' });
    assert.equal(granted, true);
    assert.deepEqual(await two.there.takeLease({ ...lease, holder: 'b' }), { granted: false, untilMs });
    await two.here.releaseLease({ name: lease.name, holder: 'a' });
    assert.equal((await two.there.takeLease({ ...lease, holder: 'b' })).granted, true);
  });

  test('a job goes from its creation to its end, and says so to everybody', async () => {
    const job = await create();
    const { id, createdAtMs } = job;
    assert.deepEqual(job, { ...JOB, id, state: JobState.QUEUED, createdAtMs, updatedAtMs: createdAtMs, progress: '', failure: '', cancelRequested: false });
    assert.deepEqual(await two.there.getJob({ id }), { job });
    const { job: running } = await two.there.updateJob({ id, state: JobState.RUNNING, progress: '{"done":1}', failure: '' });
    assert.deepEqual([running?.state, running?.progress], [JobState.RUNNING, '{"done":1}']);
    assert.equal((await two.here.cancelJob({ id })).job?.cancelRequested, true);
    const { job: failed } = await two.there.updateJob({ id, state: JobState.FAILED, progress: '', failure: 'x'.repeat(5000) });
    assert.deepEqual([failed?.state, failed?.failure.length, failed?.cancelRequested], [JobState.FAILED, 1000, true]);
    assert.equal((await two.here.cancelJob({ id: (await create()).id })).job?.state, JobState.CANCELLED);
  });

  test('jobs are listed page by page, newest first', async () => {
    const ids = [(await create()).id, (await create()).id, (await create()).id].sort().reverse();
    const page = await two.there.listJobs({ states: [JobState.QUEUED], limit: 2 });
    assert.deepEqual([page.jobs.map(({ id }) => id), page.next], [ids.slice(0, 2), ids[1]]);
    const rest = await two.there.listJobs({ states: [JobState.QUEUED], limit: 2, after: page.next });
    assert.deepEqual([rest.jobs.map(({ id }) => id), rest.next], [ids.slice(2), undefined]);
  });

  test('a job that is not there is not found', async () => {
    await assert.rejects(two.here.getJob({ id: 'none' }), because('NOT_FOUND'));
    await assert.rejects(two.here.cancelJob({ id: 'none' }), because('NOT_FOUND'));
    await assert.rejects(two.here.updateJob({ id: 'none', state: JobState.RUNNING, progress: '', failure: '' }), because('NOT_FOUND'));
  });

  test('a position is kept', async () => {
    assert.deepEqual(await two.here.getPosition({ name: 'webhook' }), { position: undefined });
    await two.here.savePosition({ name: 'webhook', position: 0 });
    assert.deepEqual(await two.there.getPosition({ name: 'webhook' }), { position: 0 });
    await two.there.savePosition({ name: 'webhook', position: 2 ** 40 });
    assert.deepEqual(await two.here.getPosition({ name: 'webhook' }), { position: 2 ** 40 });
  });
});
