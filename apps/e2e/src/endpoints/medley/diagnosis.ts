import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { startWeb } from '@medley/testing/scripted-web';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { listOf, MedleyApi } from './medley-api.ts';

/** GET /_medley/v1/url_preview/explain and /_medley/v1/federation/check/{serverName} */
export function describeDiagnosis({ site }: System): void {
  describe('diagnosis', async () => {
    const web = await startWeb();
    after(() => web[Symbol.asyncDispose]());

    it('explains what a preview is made of', async () => {
      web.answers.set('/explained', '<title>Explained</title>');
      const { steps, preview, failure } = await new MedleyApi(site).call('medleyExplainUrl', { query: { url: `${web.origin}/explained` } });
      assert.ok(listOf(steps).length > 1);
      assert.deepEqual([(preview as { properties: unknown }).properties, failure], [{ 'og:title': 'Explained' }, null]);
    });

    it('explains why there is none', async () => {
      const { steps, preview, failure } = await new MedleyApi(site).call('medleyExplainUrl', { query: { url: 'http://10.0.0.1/' } });
      assert.equal(listOf(steps).at(-1)?.['kind'], 'failed');
      assert.deepEqual([preview, failure], [null, 'FETCH_FAILED']);
    });

    it('explains only URLs', async () => {
      const api = new MedleyApi(site);
      assertError(await api.try('medleyExplainUrl'), 400, 'M_MISSING_PARAM');
      assertError(await api.try('medleyExplainUrl', { query: { url: 'ftp://a.example/' } }), 400, ['M_INVALID_PARAM', 'M_UNKNOWN']);
    });

    it('tells which step to another server fails', async () => {
      const { ok, steps } = await new MedleyApi(site).call('medleyCheckServer', { params: { serverName: '127.0.0.1:1' } });
      assert.equal(ok, false);
      assert.ok(listOf(steps).some((step) => step['ok'] === false));
    });

    it('checks only server names', async () => {
      assertError(await new MedleyApi(site).try('medleyCheckServer', { params: { serverName: 'a_b' } }), 400, 'M_INVALID_PARAM');
    });
  });
}
