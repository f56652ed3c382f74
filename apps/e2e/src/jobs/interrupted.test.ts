import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { MedleyApi, type Json } from '../endpoints/medley/medley-api.ts';
import { Mains } from '../harness/mains.ts';
import { Site } from '../harness/site.ts';
import { recordMany } from './records.ts';

const COUNT = 4000;
/** After a crash the lease has to end first. */
const DONE_WITHIN_MS = 120_000;

const mains = await Mains.start(await Site.open());
const { site } = mains;
const api = new MedleyApi(site);
after(() => mains[Symbol.asyncDispose]());

/** Begins to protect all media of a new user and answers as soon as a part of it is done. */
async function begin(): Promise<{ readonly jobId: string; readonly user: string }> {
  const user = site.user().account.userId;
  await recordMany(site, user, COUNT);
  const { job_id: jobId } = await api.call('medleyCreateJob', { body: { action: 'protect', filter: { user } } });
  await eventually(async () => assert.ok(Number((await jobOf(String(jobId)))['done']) > 0), 10_000, 5);
  return { jobId: String(jobId), user };
}

function jobOf(jobId: string): Promise<Json> {
  return api.call('medleyGetJob', { params: { jobId } });
}

async function countProtected(user: string): Promise<unknown> {
  return (await api.call('medleySearchMedia', { query: { user, protected: true, total: true, limit: 1 } }))['total'];
}

it('a job that is cancelled ends within a batch', async (t) => {
  const { jobId, user } = await begin();
  await api.call('medleyCancelJob', { params: { jobId } });
  const { done, state } = await eventually(async () => {
    const job = await jobOf(jobId);
    assert.equal(job['state'], 'cancelled');
    return job;
  });
  t.diagnostic(`${String(done)} of ${COUNT} were done`);
  assert.ok(Number(done) < COUNT, String(state));
  assert.equal(await countProtected(user), done);
});

for (const [how, end] of [['stops', () => mains.running('gateway')?.stop()], ['is killed', () => mains.kill('gateway')]] as const) {
  it(`a job goes on where it was when its gateway ${how} and another one comes`, async (t) => {
    const { jobId, user } = await begin();
    await end();
    await mains.start('gateway');
    const before = await jobOf(jobId);
    assert.ok(Number(before['done']) < COUNT, `it was too quick to be interrupted: ${JSON.stringify(before)}`);
    const startedAt = performance.now();
    await eventually(async () => assert.equal((await jobOf(jobId))['state'], 'done'), DONE_WITHIN_MS, 100);
    t.diagnostic(`went on from ${String(before['done'])}, done after ${(performance.now() - startedAt).toFixed(0)} ms`);
    assert.equal(await countProtected(user), COUNT);
  });
}
