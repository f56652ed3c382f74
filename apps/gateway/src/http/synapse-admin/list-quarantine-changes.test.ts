import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, ListChangesRequest } from '@medley/proto/metadata/moderation';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { listQuarantineChanges } from './list-quarantine-changes.ts';

const OURS = 'a.example';
const THEIRS = 'b.example';

function changeOf(origin: string, index: number): Change {
  const subject = { $case: 'key' as const, value: { origin, mediaId: `m${index}` } };
  return { sequence: index + 1, kind: ChangeKind.QUARANTINED, subject, by: '@admin:a.example', atMs: 1, store: '' };
}

/** Asks with a log of changes to media of these origins; answers what came, and how often metadata was asked. */
async function ask(origins: readonly string[], from: number): Promise<{ body: { next_batch: number; changes: object[] }; callCount: number }> {
  const log = origins.map(changeOf);
  let callCount = 0;
  const listChanges = async ({ after = 0, limit }: ListChangesRequest) => {
    callCount += 1;
    return { changes: log.filter(({ sequence }) => sequence > after).slice(0, limit), position: log.length };
  };
  const gateway = { services: { metadata: { listChanges } }, tenants: { isLocal: () => true } } as unknown as Gateway;
  const context = { set: () => undefined, status: 0, body: { next_batch: 0, changes: [] as object[] } };
  const query = new URLSearchParams({ from: String(from) });
  const exchange = { context, tenant: { serverName: OURS }, query, signal: new AbortController().signal } as unknown as AuthenticatedExchange;
  await listQuarantineChanges(exchange, gateway);
  return { body: context.body, callCount };
}

describe('the changes of quarantine', () => {
  it('are read in as few steps where most of them are another tenant’s', async () => {
    const origins = [...Array<string>(99).fill(OURS), ...Array<string>(500).fill(THEIRS), OURS];
    const first = await ask(origins, 0);
    assert.deepEqual([first.body.changes.length, first.body.next_batch, first.callCount], [99, 101, 1]);
    const second = await ask(origins, first.body.next_batch);
    assert.deepEqual([second.body.changes, second.body.next_batch, second.callCount], [[{ origin: OURS, media_id: 'm599', quarantined: true }], 601, 5]);
  });
});
