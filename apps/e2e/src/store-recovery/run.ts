import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertJson } from '../harness/expect.ts';
import type { FaultySystem } from '../harness/faulty-system.ts';

/** The ways that are cut, one after the other. */
export const STORES = ['database', 'objects'] as const;
export type StoreName = (typeof STORES)[number];

export interface OutageOptions {
  /** How long a store refuses connections, in milliseconds, after this was noticed. */
  readonly outageMs: number;
  /** How long all may take to work again, in milliseconds. */
  readonly limitMs: number;
}

/** An outage of one store. */
export interface Outage extends Pick<OutageOptions, 'limitMs'> {
  readonly store: StoreName;
  /** How long the store refuses connections, after this was noticed. */
  readonly whileDown: () => Promise<void>;
}

/** One run in figures. */
export interface RecoveryReport extends OutageOptions {
  /** Milliseconds from the moment a store took connections again until all worked; `null` if it took longer than the limit. */
  readonly recoveredMs: Readonly<Record<StoreName, number | null>>;
  readonly slowestMs: number | null;
}

const BODY_BYTES = 300_000;

/** Lets each store refuse connections for a while and measures how long it takes until all works again. */
export async function runStoreRecovery(faulty: FaultySystem, options: OutageOptions): Promise<RecoveryReport> {
  const { outageMs, limitMs } = options;
  const whileDown = () => sleep(outageMs);
  const database = await measureRecovery(faulty, { store: 'database', limitMs, whileDown });
  const objects = await measureRecovery(faulty, { store: 'objects', limitMs, whileDown });
  return { ...options, recoveredMs: { database, objects }, slowestMs: database === null || objects === null ? null : Math.max(database, objects) };
}

/** Measures how long it takes until all works again after an outage, in milliseconds; `null` if that is longer than the limit. Fails if nobody notices the outage: then there is nothing to recover from. */
export async function measureRecovery(faulty: FaultySystem, { store, limitMs, whileDown }: Outage): Promise<number | null> {
  const user = faulty.system.site.user();
  const body = randomBody(BODY_BYTES);
  const uri = await user.upload(body);
  faulty[store].mode = 'refuse';
  await eventually(async () => assert.equal((await user.tryUpload('x')).status, 503));
  await whileDown();
  faulty[store].mode = 'pass';
  const startedAt = performance.now();
  const tryAll = async (): Promise<void> => {
    await user.upload(body);
    assertJson(await user.put(await user.create(), body));
    assertBytes(await user.download(uri), body);
    assert.ok((await fetch(`http://127.0.0.1:${faulty.system.site.ports.metrics}/readyz`)).ok);
  };
  const isBack = await eventually(tryAll, limitMs).then(() => true, () => false);
  const tookMs = Math.round(performance.now() - startedAt);
  return isBack && tookMs <= limitMs ? tookMs : null;
}
