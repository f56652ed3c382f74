import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { listOf, MedleyApi, type Json } from './medley-api.ts';

const DAY_MS = 86_400_000;

/** GET /_medley/v1/trash and /_medley/v1/audit */
export function describeHistory({ site }: System): void {
  describe('history', () => {
    it('says of the trash who put what into it, why, and when it goes', async () => {
      const api = new MedleyApi(site);
      const uri = await site.user().upload('into the trash');
      await api.on('medleyDeleteMedia', uri, { query: { reason: 'unwanted' } });
      const found = (await allOf(api, 'medleyGetTrash', 'trash')).find(({ media }) => (media as Json)['content_uri'] === toMxcText(uri));
      assert.deepEqual([found?.['deleted_by'], found?.['reason']], [api.admin.account.userId, 'unwanted']);
      assert.ok(Math.abs(Number(found?.['purge_at']) - Number(found?.['deleted_at']) - DAY_MS) < 10_000);
      await api.on('medleyRestoreMedia', uri);
      assert.ok(!(await allOf(api, 'medleyGetTrash', 'trash')).some(({ media }) => (media as Json)['content_uri'] === toMxcText(uri)));
    });

    it('says of media who did what, why, and when, in both directions', async () => {
      const api = new MedleyApi(site);
      const uri = await site.user().upload(`audited ${crypto.randomUUID()}`);
      for (const [operation, reason] of [['Quarantine', 'one'], ['Release', 'two'], ['Protect', 'three'], ['Unprotect', 'four']] as const) {
        await api.on(`medley${operation}Media`, uri, { body: { reason } });
      }
      await api.on('medleyDeleteMedia', uri, { query: { reason: 'five' } });
      await api.on('medleyRestoreMedia', uri, { body: { reason: 'six' } });
      const forward = await allOf(api, 'medleyGetAudit', 'changes', { media: toMxcText(uri), dir: 'f', limit: 2 });
      assert.deepEqual(forward.map(({ kind, reason, by }) => [kind, reason, by === api.admin.account.userId]), [
        ['quarantined', 'one', true], ['released', 'two', true], ['protected', 'three', true], ['unprotected', 'four', true], ['deleted', 'five', true], ['restored', 'six', true],
      ]);
      const backward = await allOf(api, 'medleyGetAudit', 'changes', { media: toMxcText(uri), limit: 4 });
      assert.deepEqual(backward, forward.toReversed());
      const protections = await allOf(api, 'medleyGetAudit', 'changes', { media: toMxcText(uri), kind: 'protected' });
      assert.deepEqual(protections.map(({ reason }) => reason), ['three']);
    });

    for (const query of [{ from: 'x' }, { kind: 'unspecified' }, { media: 'abc' }, { media: 'mxc://a_b/c' }, { dir: 'x' }]) {
      it(`refuses to audit ${JSON.stringify(query)}`, async () => {
        assertError(await new MedleyApi(site).try('medleyGetAudit', { query }), 400, 'M_INVALID_PARAM');
      });
    }
  });
}

async function allOf(api: MedleyApi, operation: string, member: string, query: Readonly<Record<string, string | number>> = {}): Promise<readonly Json[]> {
  const all: Json[] = [];
  let from: string | undefined;
  do {
    const page = await api.call(operation, { query: { limit: 1000, ...query, ...(from !== undefined && { from }) } });
    all.push(...listOf(page[member]));
    from = page['next'] as string | undefined;
  } while (from !== undefined);
  return all;
}
