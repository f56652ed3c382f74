import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { recordRemote } from './endpoints/admin/admin-calls.ts';
import { listOf, MedleyApi, paramsOf, texts, type Json } from './endpoints/medley/medley-api.ts';
import { assertError } from './harness/expect.ts';
import { MediaUser } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';
import type { Answer, CallOptions } from './harness/http-call.ts';

const HOSTS = { one: 'media.one.example', two: 'media.two.example' } as const;

const site = await Site.open();
const second = await FakeHomeserver.start('two.example');
await site.configure({
  homeservers: [
    { server_name: site.serverName, client_api: site.homeserver.url, hosts: [HOSTS.one] },
    { server_name: second.serverName, client_api: second.url, hosts: [HOSTS.two] },
  ],
});
const program = await startProgram('services', site);
after(async () => {
  await stopProgram(program);
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** Somebody who calls by the name of their own homeserver. */
class Resident extends MediaUser {
  readonly #host: string;

  constructor(which: keyof typeof HOSTS, role: 'admin' | 'user') {
    const homeserver = which === 'one' ? site.homeserver : second;
    super(site, role === 'admin' ? homeserver.addAdmin() : homeserver.addUser());
    this.#host = HOSTS[which];
  }

  override call(path: string, options: CallOptions = {}): Promise<Answer> {
    return super.call(path, { ...options, headers: { ...options.headers, host: this.#host } });
  }
}

const one = new MedleyApi(site, new Resident('one', 'admin'));
const two = new MedleyApi(site, new Resident('two', 'admin'));

describe('admins of two homeservers', () => {
  it('see their own media and the copies of other servers’, and no other', async () => {
    const body = `shared bytes ${crypto.randomUUID()}`;
    const digest = createHash('sha256').update(body).digest('hex');
    const [mine, theirs] = [await new Resident('one', 'user').upload(body), await new Resident('two', 'user').upload(body)];
    const copy = await recordRemote(site, mine);
    assert.deepEqual(await one.search({ digest, dir: 'f' }), texts(mine, copy));
    assert.deepEqual(await two.search({ digest, dir: 'f' }), texts(theirs, copy));
    assert.equal((await two.call('medleySearchMedia', { query: { digest, total: true } }))['total'], 2);
    assert.equal((await one.on('medleyGetMedia', mine))['twin_count'], 1);
    const usage = await two.call('medleyGetUsage', { query: { digest, by: 'origin' } });
    assert.deepEqual(listOf(usage['rows']).map((row) => row['name']).toSorted(), ['elsewhere.example', 'two.example']);
  });

  it('can not touch each other’s media', async () => {
    const mine = await new Resident('one', 'user').upload(`untouched ${crypto.randomUUID()}`);
    for (const operation of ['GetMedia', 'QuarantineMedia', 'ReleaseMedia', 'ProtectMedia', 'UnprotectMedia', 'DeleteMedia', 'RestoreMedia', 'BanMedia', 'LiftMediaBan']) {
      assertError(await two.try(`medley${operation}`, { params: paramsOf(mine) }), 404, 'M_NOT_FOUND');
    }
    const { done, total } = await two.runJob({ action: 'delete', filter: { origin: site.serverName } });
    assert.deepEqual([done, total], [0, 0]);
    assert.equal((await one.record(mine))['quarantine'], null);
  });

  it('see their own trash, audit log and bans of media', async () => {
    const mine = await new Resident('one', 'user').upload(`deleted ${crypto.randomUUID()}`);
    await one.on('medleyQuarantineMedia', mine);
    assert.deepEqual([await mentions(one, mine, 'medleyListBans', 'bans'), await mentions(two, mine, 'medleyListBans', 'bans')], [true, false]);
    await one.on('medleyDeleteMedia', mine);
    assert.deepEqual([await mentions(one, mine, 'medleyGetTrash', 'trash'), await mentions(two, mine, 'medleyGetTrash', 'trash')], [true, false]);
    assert.deepEqual([await mentions(one, mine, 'medleyGetAudit', 'changes'), await mentions(two, mine, 'medleyGetAudit', 'changes')], [true, false]);
    const { done } = await two.runJob({ action: 'restore', filter: { kind: 'local' } });
    assert.equal(done, 0);
  });

  it('see their own jobs', async () => {
    const { job_id: jobId } = await one.runJob({ action: 'protect', filter: { origin: 'nobody.example' } });
    for (const operation of ['medleyGetJob', 'medleyCancelJob']) assertError(await two.try(operation, { params: { jobId: String(jobId) } }), 404, 'M_NOT_FOUND');
    const ids = async (api: MedleyApi): Promise<readonly unknown[]> => listOf((await api.call('medleyListJobs'))['jobs']).map((job: Json) => job['job_id']);
    assert.deepEqual([(await ids(one)).includes(jobId), (await ids(two)).includes(jobId)], [true, false]);
  });
});

async function mentions(api: MedleyApi, uri: MxcUri, operation: string, member: string): Promise<boolean> {
  return JSON.stringify((await api.call(operation, { query: { limit: 1000 } }))[member]).includes(toMxcText(uri));
}
