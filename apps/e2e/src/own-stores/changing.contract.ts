import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import { callS3, listObjects } from '../harness/s3-listing.ts';
import { reportOf, startMedley } from '../maintenance/medley-command.ts';
import { whileRunning } from './scene.ts';
import { bucketOfB, folderOfB, LARGE_BYTES, whereIs, type SaidOfEach, type TenantSite } from './tenants.ts';

const LIMIT = { timeout: 240_000 };
const CROP = { width: 64, height: 64, method: 'crop' } as const;

/** What happens when a tenant gets a store of its own, loses it, and when one store is away. Nothing runs before or after each. */
export function changingCases(tenantSite: TenantSite): void {
  const { site, tenants: { a, b, c }, configure } = tenantSite;
  const ownStores = { b: { storage: b.place }, c: { storage: c.place } };

  const running = (said: SaidOfEach, work: () => Promise<void>): Promise<void> => whileRunning(tenantSite, { said }, work);

  it('`medley setup` makes what every store needs, and `config check` tells of each', LIMIT, async () => {
    await configure(ownStores);
    const { code, stdout, stderr } = await startMedley(site, ['--standalone', 'setup']).ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    for (const { disk } of [a, b, c]) assert.deepEqual(await disk.names(), []);
    const checked = await startMedley(site, ['--standalone', 'config', 'check']).ended;
    assert.equal(checked.code, 0, checked.stderr);
    for (const name of ['b.example', 'c.example']) assert.ok(checked.stdout.includes(name), checked.stdout);
  });

  it('a store concerns what is uploaded from then on; what lay elsewhere is read there, also when the store is taken away again', LIMIT, async () => {
    const [before, after, later, picture] = [randomBody(LARGE_BYTES), randomBody(LARGE_BYTES), randomBody(LARGE_BYTES), paintPng(401, 99)];
    const user = b.user();
    const uris = new Map<Buffer, Awaited<ReturnType<typeof user.upload>>>();
    const upload = async (bytes: Buffer): Promise<void> => void uris.set(bytes, await user.upload(bytes));
    const download = (bytes: Buffer): Promise<Answer> => user.download(uris.get(bytes) ?? assert.fail());

    await running({}, () => upload(before));
    assert.deepEqual(await whereIs(tenantSite, before), { a: 1 });

    await running(ownStores, async () => {
      for (const bytes of [after, picture]) await upload(bytes);
      for (const bytes of [before, after]) assertBytes(await download(bytes), bytes);
      await reportOf(site, ['--standalone', 'sweep', '--wait']);
    });
    assert.deepEqual([await whereIs(tenantSite, before), await whereIs(tenantSite, after)], [{ a: 1 }, { b: 1 }]);

    await running({ c: ownStores.c }, async () => {
      for (const answer of [await download(after), await user.thumbnail(uris.get(picture) ?? assert.fail(), CROP)]) assertError(answer, 503, 'M_UNKNOWN');
      assertBytes(await download(before), before);
      await upload(later);
      assertBytes(await download(later), later);
      await reportOf(site, ['--standalone', 'sweep', '--wait']);
    });
    assert.deepEqual([await whereIs(tenantSite, after), await whereIs(tenantSite, later)], [{ b: 1 }, { a: 1 }]);

    await running(ownStores, async () => {
      for (const bytes of [before, after, later]) assertBytes(await download(bytes), bytes);
    });
  });

  it('while one tenant’s store is away its media is 503 and all others’ is as ever; /readyz stays, and tells', LIMIT, async () => {
    await running(ownStores, async () => {
      const [bytes, others] = [randomBody(LARGE_BYTES), randomBody(LARGE_BYTES)];
      const [uri, other] = [await b.user().upload(bytes), await c.user().upload(others)];
      const bringBack = await takeAway();
      for (const answer of [await b.user().download(uri), await b.user().tryUpload(randomBody(LARGE_BYTES))]) {
        assertError(answer, 503, 'M_UNKNOWN');
        assert.match(answer.headers['retry-after'] ?? '', /^[0-9]+$/);
      }
      assertBytes(await c.user().download(other), others);
      const mine = randomBody(LARGE_BYTES);
      assertBytes(await a.user().download(await a.user().upload(mine)), mine);
      await eventually(async () => {
        const ready = await fetch(`http://127.0.0.1:${site.ports.metrics}/readyz`);
        const { dependencies } = await ready.json() as { dependencies: readonly { readonly name: string; readonly state: string; readonly required: boolean }[] };
        const seen = dependencies.filter(({ name }) => name.includes('b.example')).map(({ state, required }) => [state, required]);
        assert.deepEqual([ready.status, seen], [200, [['failing', false]]]);
      }, 15_000);
      await bringBack();
      const again = randomBody(LARGE_BYTES);
      await eventually(async () => assertBytes(await b.user().download(await b.user().upload(again)), again), 15_000);
    });
  });

  /** Takes the store of `b` away; answers with how it comes back: the folder as it was, the bucket empty. */
  async function takeAway(): Promise<() => Promise<void>> {
    if (!('bucket' in site.storesConfig.storage)) {
      const folder = folderOfB(site);
      await rename(folder, `${folder}-away`);
      return () => rename(`${folder}-away`, folder);
    }
    const access = bucketOfB(site);
    for (const name of await listObjects(access)) await callS3(access, { method: 'DELETE', name });
    await callS3(access, { method: 'DELETE' });
    return async () => void await callS3(access, { method: 'PUT' });
  }
}
