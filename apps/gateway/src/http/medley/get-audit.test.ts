import assert from 'node:assert/strict';
import { it } from 'node:test';
import { homeservers } from '@medley/config/homeserver';
import { ChangeKind, type Change } from '@medley/proto/metadata/moderation';
import type { Gateway } from '../../gateway.ts';
import { Tenants } from '../../tenants.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { getAudit } from './get-audit.ts';

const DIGEST = 'd'.repeat(64);
const TENANTS = new Tenants(homeservers.parse([{ server_name: 'a.example' }, { server_name: 'b.example', storage: { path: '/b' } }]));

function changeOf(kind: ChangeKind, store: string, sequence: number): Change {
  return { sequence, kind, subject: { $case: 'digest', value: DIGEST }, store, by: '@u:b.example', atMs: 1 };
}

/** What the log tells of bytes to admins of a tenant, or to global ones: sequence and store. */
async function read(serverName: string, seesAll = false): Promise<readonly unknown[]> {
  const changes = [changeOf(ChangeKind.QUARANTINED, '', 1), changeOf(ChangeKind.LOST, '', 2), changeOf(ChangeKind.FOUND, 'b.example', 3)];
  const listChanges = async () => ({ changes, position: 3 });
  const gateway = { services: { metadata: { listChanges } }, tenants: TENANTS } as unknown as Gateway; // all else is not asked for
  const context = { set: () => {}, status: 0, body: { changes: [] as { sequence: number; store: string | null }[] } };
  const tenant = { ...TENANTS.ofHost(serverName), ...(seesAll && { seesAll }) };
  await getAudit({ context, tenant, query: new URLSearchParams(), signal: new AbortController().signal } as unknown as AuthenticatedExchange, gateway); // the rest of a request plays no part
  return context.body.changes.map(({ sequence, store }) => [sequence, store]);
}

it('the audit log tells of bans to all, and of bytes lost or found in a tenant’s own store to that tenant and to global admins, with the store', async () => {
  const [forAll, own] = [[[1, null], [2, null]], [[3, 'b.example']]];
  assert.deepEqual(await read('a.example'), forAll);
  for (const told of [await read('b.example'), await read('a.example', true)]) assert.deepEqual(told, [...forAll, ...own]);
});
