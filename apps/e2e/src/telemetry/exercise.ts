import { randomBytes } from 'node:crypto';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { eventually } from '@medley/testing/eventually';
import { ADMIN, newAdmin } from '../endpoints/admin/admin-calls.ts';
import { PREVIEW_URL } from '../endpoints/url-preview.ts';
import { downloadPath } from '../harness/media-user.ts';
import { assertJson } from '../harness/expect.ts';
import { metricsTargets, scrape, type Observed } from './observed.ts';

/** A little of everything that Medley is asked for, so that every metric has something to tell. */
export async function exercise({ site, remote, web }: Observed): Promise<void> {
  const user = site.user();
  const uri = await user.upload(randomBytes(100_000));
  for (let times = 0; times < 3; times += 1) await user.download(uri);
  const picture = await user.upload(paintPng(300, 200), { type: 'image/png' });
  await user.thumbnail(picture, { width: 32, height: 32, method: 'crop' });
  const mediaId = `media${randomBytes(4).toString('hex')}`;
  remote.media.set(mediaId, { bytes: randomBytes(10_000) });
  await user.call(downloadPath(parseMxcParts(remote.serverName, mediaId)));
  assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/page?${mediaId}` } }));
  const target = `/_matrix/federation/v1/media/download/${uri.mediaId}`;
  const authorization = remote.keys.authorize({ method: 'GET', uri: target, destination: site.serverName });
  await user.call(target, { token: undefined, headers: { authorization } });
  const admin = newAdmin(site);
  assertJson(await admin.call(`${ADMIN}/media/quarantine/${picture.origin}/${picture.mediaId}`, { method: 'POST' }));
  await eventually(async () => {
    const text = await scrape(metricsTargets(site).gateway);
    if (!text.includes('medley_gateway_changes_delay_count')) throw new Error('the gateway has not heard of the quarantine');
  });
}
