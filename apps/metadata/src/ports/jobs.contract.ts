import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Job, NewJob } from '../domain/job.ts';
import type { JobQuery } from './jobs.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { HOUR_MS, soon } from './samples.contract.ts';

const JOB: NewJob = { action: 'delete-media', input: '{"a":"ü"}', by: '@admin:example.org', origin: 'example.org' };
const REPORT = { state: 'running', progress: '{"done":1}', failure: '' } as const;

/** What every store promises of jobs. */
export function testJobs(replicas: Replicas, open: OpenStore): void {
  const create = (changes: Partial<NewJob> = {}) => replicas.next().jobs.create({ ...JOB, ...changes }, soon());
  const get = (id: string) => replicas.next().jobs.get(id, soon());
  const list = (query: Partial<JobQuery> = {}) => replicas.next().jobs.list({ states: [], limit: 1000, ...query }, soon());

  test('a job is queued, then as its doer says, for every process', async () => {
    const job = await create({ reason: 'spam' });
    const { id, createdAt } = job;
    const asMade = { ...JOB, reason: 'spam', id, state: 'queued', createdAt, updatedAt: createdAt, progress: '', failure: '', isCancelRequested: false };
    assert.deepEqual(job, asMade);
    assert.ok(Math.abs(createdAt - Date.now()) < 60_000);
    for (const store of replicas.all()) assert.deepEqual(await store.jobs.get(id, soon()), job);
    const running = await replicas.next().jobs.update(id, REPORT, soon());
    assert.deepEqual(running, { ...job, ...REPORT, updatedAt: running?.updatedAt });
    const failed = await replicas.next().jobs.update(id, { state: 'failed', progress: '{}', failure: 'why' }, soon());
    assert.deepEqual(await get(id), failed);
    assert.deepEqual([failed?.state, failed?.failure], ['failed', 'why']);
  });

  test('a job that is not there can be neither had, updated nor cancelled', async () => {
    const { jobs } = replicas.next();
    assert.deepEqual([await jobs.get('none', soon()), await jobs.update('none', REPORT, soon()), await jobs.cancel('none', soon())], [undefined, undefined, undefined]);
    assert.equal(await jobs.get('none', soon()), undefined);
  });

  test('a job that nobody has begun is cancelled at once; one that runs is told, and says when it has ended', async () => {
    const [queued, running] = [await create(), await create()];
    await replicas.next().jobs.update(running.id, REPORT, soon());
    const ended = await replicas.next().jobs.cancel(queued.id, soon());
    assert.deepEqual([ended?.state, ended?.isCancelRequested], ['cancelled', true]);
    const asked = await replicas.next().jobs.cancel(running.id, soon());
    assert.deepEqual([asked?.state, asked?.isCancelRequested], ['running', true]);
    const told = await replicas.next().jobs.update(running.id, REPORT, soon());
    assert.equal(told?.isCancelRequested, true);
    assert.equal((await replicas.next().jobs.update(running.id, { ...REPORT, state: 'cancelled' }, soon()))?.state, 'cancelled');
  });

  test('a job that has ended stays as it is', async () => {
    for (const state of ['done', 'failed', 'cancelled'] as const) {
      const { id } = await create();
      const ended = await replicas.next().jobs.update(id, { ...REPORT, state }, soon());
      assert.deepEqual(await replicas.next().jobs.update(id, REPORT, soon()), ended);
      assert.deepEqual(await replicas.next().jobs.cancel(id, soon()), ended);
    }
    const { id } = await create();
    await replicas.next().jobs.cancel(id, soon());
    assert.equal((await replicas.next().jobs.update(id, REPORT, soon()))?.state, 'cancelled');
  });

  test('a wish to end is not lost beside what the doer writes', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id } = await create();
      await replicas.next().jobs.update(id, REPORT, soon());
      await Promise.all([replicas.next().jobs.cancel(id, soon()), replicas.next().jobs.update(id, { ...REPORT, progress: '{"done":2}' }, soon())]);
      const job = await get(id);
      assert.deepEqual([job?.isCancelRequested, job?.progress], [true, '{"done":2}']);
    }
  });

  test('jobs are listed newest first, by state, page by page', async () => {
    let now = Date.now() + HOUR_MS;
    await using store = await open({ now: () => now });
    const make = async (): Promise<Job> => {
      now += 1;
      return store.jobs.create(JOB, soon());
    };
    const [first, second, third, fourth] = [await make(), await make(), await make(), await make()];
    await store.jobs.update(second.id, REPORT, soon());
    await store.jobs.cancel(third.id, soon());
    const ids = [fourth, third, second, first].map(({ id }) => id);
    const newest = await list({ limit: 4 });
    assert.deepEqual(newest.map(({ id }) => id), ids);
    assert.deepEqual((await list({ limit: 2, before: ids[1] })).map(({ id }) => id), ids.slice(2));
    const among = async (states: JobQuery['states'], limit = 1000) => (await list({ states, limit })).map(({ id }) => id).filter((id) => ids.includes(id));
    assert.deepEqual(await among(['queued'], 2), [fourth.id, first.id]);
    assert.deepEqual(await among(['cancelled'], 1), [third.id]);
    assert.deepEqual(await among(['running', 'cancelled'], 2), [third.id, second.id]);
    assert.deepEqual(await among(['done']), []);
  });

  test('a position is what was saved last, for every process', async () => {
    const name = randomUUID();
    assert.equal(await replicas.next().jobs.getPosition(name, soon()), undefined);
    for (const position of [0, 7, 3]) {
      await replicas.next().jobs.savePosition(name, position, soon());
      for (const store of replicas.all()) assert.equal(await store.jobs.getPosition(name, soon()), position);
    }
    await Promise.all(replicas.all().map((store) => store.jobs.savePosition(randomUUID(), 1, soon())));
  });
}
