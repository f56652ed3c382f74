import assert from 'node:assert/strict';
import { it } from 'node:test';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes } from '../harness/expect.ts';
import { digestOf } from '../maintenance/bytes-on-disk.ts';
import { whileRunning } from './scene.ts';
import { bucketOfB, LARGE_BYTES, type TenantSite } from './tenants.ts';

/** Where clients are sent for originals, with stores in buckets. Nothing runs before or after. */
export function redirectCases(tenantSite: TenantSite): void {
  const { site, tenants: { a, b, c } } = tenantSite;

  it('clients are sent to the bucket and the prefix of the media’s tenant, whoever asks', { timeout: 120_000 }, async () => {
    const access = bucketOfB(site);
    const said = { b: { storage: b.place }, c: { storage: c.place } };
    const config = { storage: { public_endpoint: access.endpoint }, downloads: { redirect: 'on', redirect_min_bytes: '1K' } };
    await whileRunning(tenantSite, { said, config }, async () => {
      for (const [tenant, place] of [[b, `/${access.bucket}/blobs/`], [c, '/c/blobs/']] as const) {
        const bytes = randomBody(LARGE_BYTES);
        const uri = await tenant.user().upload(bytes);
        const { status, headers } = await a.user().download(uri, { mayRedirect: true });
        const location = new URL(headers.location ?? '');
        assert.ok(status === 307 && location.pathname.includes(place) && location.pathname.endsWith(digestOf(bytes)), `${status} ${location.pathname}`);
        const read = await fetch(location);
        assert.ok(Buffer.from(await read.arrayBuffer()).equals(bytes));
      }
      const mine = randomBody(500); // small ones are answered here
      assertBytes(await a.user().download(await b.user().upload(mine)), mine);
    });
  });
}
