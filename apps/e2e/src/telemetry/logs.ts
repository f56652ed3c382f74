import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { PREVIEW_URL } from '../endpoints/url-preview.ts';
import { downloadPath } from '../harness/media-user.ts';
import { exercise } from './exercise.ts';
import { metricsTargets, scrape, type Observed } from './observed.ts';

const NAME = 'sentinel-file-name';

/** That one request can be followed through the logs of all services, and that these hold nothing secret. */
export function describeLogs(observed: Observed): void {
  const { system, site, remote, web } = observed;
  const user = site.user();

  describe('the logs of the services', () => {
    it('bear the request id that the proxy gave, in whatever service has something to say', async () => {
      const requestId = `sentinel-request-${randomBytes(4).toString('hex')}`;
      const answer = await user.call(downloadPath(parseMxcParts(remote.serverName, 'nothing-here')), { headers: { 'x-request-id': requestId } });
      assert.equal(answer.headers['x-request-id'], requestId);
      await eventually(() => {
        const services = system.program.logs.filter((line) => line['request_id'] === requestId).map((line) => line['service']);
        assert.deepEqual([...new Set(services)].toSorted(), ['federation-fetch', 'gateway']);
      });
    });

    it('hold no token, no file name, no query, no signature and no signed URL; nor do the metrics', async () => {
      await exercise(observed);
      const uri = await user.upload(paintPng(40, 40), { type: 'image/png', name: NAME });
      const headers = { 'x-access-token': 'sentinel-header-token', cookie: 'sentinel=cookie' };
      await user.call(`/_matrix/media/v3/download/${uri.origin}/${uri.mediaId}/${NAME}`, { headers, query: { access_token: 'sentinel-query-token' } });
      await user.call('/_matrix/media/v3/upload', { token: 'sentinel-bad-token', method: 'POST', body: 'x', query: { filename: NAME } });
      await user.call(PREVIEW_URL, { query: { url: `http://sentinel-user:sentinel-password@${web.origin.slice('http://'.length)}/page?sentinel-query` } });
      const target = `/_matrix/federation/v1/media/download/${uri.mediaId}`;
      const authorization = remote.keys.authorize({ method: 'GET', uri: `${target}?other`, destination: site.serverName });
      assert.equal((await user.call(target, { token: undefined, headers: { authorization } })).status, 401);
      const signature = /sig="([^"]+)"/.exec(authorization)?.[1] ?? 'no signature';
      const metrics = await Promise.all(Object.values(metricsTargets(site)).map(scrape));
      const said = [JSON.stringify(system.program.logs), ...metrics].join('\n');
      assert.ok(system.program.logs.length > 10);
      for (const secret of [NAME, 'sentinel-header', 'sentinel-query', 'sentinel-bad', 'sentinel-user', 'sentinel-password', 'sentinel=cookie', user.account.token, signature, 'X-Amz-', 'signature=']) {
        assert.ok(!said.includes(secret), `${secret} was said:\n${system.program.logs.map((line) => JSON.stringify(line)).filter((line) => line.includes(secret)).join('\n')}`);
      }
    });
  });
}
