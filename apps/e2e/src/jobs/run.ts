import assert from 'node:assert/strict';
import { MedleyApi, type Json } from '../endpoints/medley/medley-api.ts';
import { Mains } from '../harness/mains.ts';
import { memoryBound } from '../harness/memory-bounds.ts';
import { Site } from '../harness/site.ts';
import type { Pair, Stores } from '../harness/stores.ts';
import { measureGrowth, type Growth, type Watched } from '../memory/growth.ts';
import { recordMany } from './records.ts';

export interface JobsOptions {
  readonly pair: Pair;
  readonly stores: Stores;
  /** Media of one user. */
  readonly count: number;
}

/** One run in figures; times in milliseconds. */
export interface JobsReport extends Omit<JobsOptions, 'stores'> {
  readonly recordMs: number;
  readonly listMs: number;
  readonly firstPageMs: number;
  readonly lastPageMs: number;
  readonly quarantineMs: number;
  readonly deleteMs: number;
  readonly growths: readonly Growth[];
}

/** In MiB. Without a limit V8 lets garbage lie for as long as the machine has memory, which says nothing about what is held. */
const HEAP_MIB = 96;
const PAGE = 1000;
/** Enough for every path to have been compiled. */
const WARM_UP = 200;

/** How long so much work may take, in milliseconds. */
export function limitOf({ count }: Pick<JobsOptions, 'count'>): number {
  return 120_000 + count * 100;
}

/** Lists all media of a user, and quarantines and deletes it by jobs; measures how the gateway and metadata grow meanwhile. Takes the stores over. */
export async function runJobs({ stores, ...options }: JobsOptions): Promise<JobsReport> {
  await using mains = await Mains.start(await Site.open({ stores }), { nodeArgs: [`--max-old-space-size=${HEAP_MIB}`] });
  const { site } = mains;
  const api = new MedleyApi(site);
  const [warmUp, userId] = [site.user().account.userId, site.user().account.userId];
  await recordMany(site, warmUp, WARM_UP);
  await removeAll(api, warmUp, WARM_UP);
  const recordMs = await timeOf(() => recordMany(site, userId, options.count));
  const watched = watch(mains);
  const times: Record<string, number> = {};
  const pageMs: number[] = [];
  const list = await measureGrowth('lists', watched, async () => void (times['list'] = await timeOf(() => listAll(api, userId, options.count, pageMs))));
  const quarantine = await measureGrowth('quarantine', watched, async () => void (times['quarantine'] = await timeOf(() => change(api, { action: 'quarantine', filter: { user: userId } }, options.count))));
  const deletion = await measureGrowth('deletion', watched, async () => void (times['delete'] = await timeOf(() => removeAll(api, userId, options.count))));
  await listAll(api, userId, 0, []);
  const { list: listMs = 0, quarantine: quarantineMs = 0, delete: deleteMs = 0 } = times;
  return { ...options, recordMs, listMs, firstPageMs: pageMs[0] ?? 0, lastPageMs: pageMs.at(-1) ?? 0, quarantineMs, deleteMs, growths: [...list, ...quarantine, ...deletion] };
}

/** Reads every page; fails unless there are so many media, each once. */
async function listAll(api: MedleyApi, userId: string, count: number, pageMs: number[]): Promise<void> {
  const seen = new Set<unknown>();
  let listed = 0;
  let from: unknown;
  do {
    const startedAt = performance.now();
    const page = await api.call('medleySearchMedia', { query: { user: userId, limit: PAGE, ...(from !== undefined && { from: String(from) }) } });
    pageMs.push(Math.round(performance.now() - startedAt));
    const media = page['media'] as readonly Json[];
    for (const record of media) seen.add(record['media_id']);
    listed += media.length;
    from = page['next'];
  } while (from !== undefined);
  assert.deepEqual([listed, seen.size], [count, count]);
}

function removeAll(api: MedleyApi, userId: string, count: number): Promise<void> {
  return change(api, { action: 'delete', filter: { user: userId }, include_quarantined: true }, count);
}

async function change(api: MedleyApi, order: Json, count: number): Promise<void> {
  const { state, done, failed, failure } = await api.runJob(order, limitOf({ count }));
  assert.deepEqual({ state, done, failed, failure }, { state: 'done', done: count, failed: 0, failure: null });
}

function watch(mains: Mains): readonly Watched[] {
  return (['gateway', 'metadata'] as const).map((service) => {
    const pid = mains.running(service)?.pid;
    assert.ok(pid);
    return { name: service, pid, boundBytes: memoryBound({ service, transfers: 0, uploadMemoryBytes: 0 }) };
  });
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round(performance.now() - startedAt);
}
