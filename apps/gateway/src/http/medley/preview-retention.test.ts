import assert from 'node:assert/strict';
import { it } from 'node:test';
import { homeservers } from '@medley/config/homeserver';
import { retention } from '@medley/config/retention';
import type { Gateway } from '../../gateway.ts';
import { Tenants } from '../../tenants.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { previewRetention } from './preview-retention.ts';

const OLD = { name: 'old', kind: 'local', older_than: '1h' };
const TENANTS = homeservers.parse([
  { server_name: 'a.example', retention: { rules: [OLD] } },
  { server_name: 'b.example', retention: { rules: [OLD], max_local_bytes: '1G' } },
]);

/** What the admins of the first tenant are shown, or global admins. */
async function preview(seesAll: boolean): Promise<{ rules: { name: string; tenant?: string }[]; budgets: { kind: string; tenant?: string }[] }> {
  const metadata = { listMedia: async () => ({ records: [] }), getUsage: async () => ({ mediaBytes: 0 }) };
  const tenants = new Tenants(TENANTS);
  const gateway = { services: { metadata }, tenants, config: { homeservers: TENANTS, retention: retention.parse({ rules: [OLD] }) } } as unknown as Gateway; // all else is not asked for
  const context = { set: () => {}, status: 0, body: undefined };
  const tenant = { ...tenants.ofHost('a.example'), ...(seesAll && { seesAll }) };
  await previewRetention({ context, tenant, signal: new AbortController().signal } as unknown as AuthenticatedExchange, gateway); // the rest of a request plays no part
  return JSON.parse(JSON.stringify(context.body)) as Awaited<ReturnType<typeof preview>>;
}

it('the preview of retention shows what is for all and what is the tenant’s own, but nothing of other tenants', async () => {
  const { rules, budgets } = await preview(false);
  assert.deepEqual(rules.map(({ name, tenant }) => [name, tenant]), [['old', undefined], ['a.example: old', 'a.example']]);
  assert.deepEqual(budgets.map(({ kind, tenant }) => [kind, tenant]), [['remote', undefined]]);
});

it('the preview of retention shows global admins everything', async () => {
  const { rules, budgets } = await preview(true);
  assert.deepEqual(rules.map(({ name }) => name), ['old', 'a.example: old', 'b.example: old']);
  assert.deepEqual(budgets.map(({ kind, tenant }) => [kind, tenant]), [['remote', undefined], ['local', 'b.example']]);
});
