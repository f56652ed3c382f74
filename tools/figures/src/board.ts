import type { Command, Figure } from './figure.ts';

const CRASH: Command = {
  script: 'apps/e2e/src/crash/main.ts',
  args: ({ seconds, seed, stores }) => ['--seconds', `${seconds}`, '--seed', `${seed}`, '--stores', stores],
};
const ROLLING: Command = {
  script: 'apps/e2e/src/rolling/main.ts',
  args: ({ seed, stores }) => ['--seed', `${seed}`, '--stores', stores],
};
const MEMORY: Command = {
  script: 'apps/e2e/src/memory/main.ts',
  args: ({ seed, stores }) => ['--seed', `${seed}`, '--stores', stores],
};
const STORE_RECOVERY: Command = { script: 'apps/e2e/src/store-recovery/main.ts', args: () => [], needsRealStores: true };

const OVERLOAD: Command = { script: 'apps/e2e/src/overload/main.ts', args: () => [] };
const SUPPLY_CHAIN: Command = { script: 'tools/figures/src/supply-chain/main.ts', args: () => [] };
const HOSTILE: Command = { script: 'apps/thumbnail/src/testing/measure-corpus.ts', args: ({ seed }) => ['--seed', `${seed}`] };
const FORBIDDEN: Command = { script: 'apps/url-preview/src/testing/measure-forbidden.ts', args: ({ seed }) => ['--seed', `${seed}`] };

const LOAD = ['rounds', 'operations', 'acknowledged'];

/** Every figure there is. */
export const BOARD: readonly Figure[] = [
  { name: 'uploads-lost', unit: 'uploads', limit: 0, command: CRASH, fields: ['lost'], facts: LOAD },
  { name: 'records-without-bytes', unit: 'records', limit: 0, command: CRASH, fields: ['dangling'], facts: LOAD },
  { name: 'orphans', unit: 'blobs', limit: 0, command: CRASH, fields: ['orphans', 'staging', 'leftovers'], facts: LOAD },
  { name: 'clean-but-wrong', unit: 'transfers', limit: 0, command: CRASH, fields: ['cleanButWrong', 'servedCutOff', 'twoBodies'], facts: LOAD },
  { name: 'served-after-removal', unit: 'answers', limit: 0, command: CRASH, fields: ['servedAfterRemoval'], facts: LOAD },
  { name: 'slowest-recovery', unit: 'ms', limit: 30_000, command: CRASH, fields: ['maxRecoverMs'], facts: ['rounds', 'faults'] },
  { name: 'failed-requests', unit: 'requests', limit: 0, command: ROLLING, fields: ['failed'], facts: ['restarts', 'requests', 'slowestEndMs'] },
  { name: 'peak-memory', unit: '% of the bound', limit: 100, command: MEMORY, fields: ['peakPercent'], facts: ['count', 'mib', 'growths'] },
  { name: 'good-put', unit: '% lost', limit: 20, command: OVERLOAD, fields: ['worstLossPercent'], facts: ['kinds'] },
  { name: 'slow-refusals', unit: 'ms', limit: 100, command: OVERLOAD, fields: ['worstRefusalMs'], facts: ['failed'] },
  { name: 'store-recovery', unit: 'ms', limit: 10_000, command: STORE_RECOVERY, fields: ['slowestMs'], facts: ['outageMs', 'recoveredMs'] },
  { name: 'forbidden-connections', unit: 'connections', limit: 0, command: FORBIDDEN, fields: ['forbidden'], facts: ['asked', 'siteRequests', 'reached'] },
  { name: 'hostile-files', unit: 'crashes', limit: 0, command: HOSTILE, fields: ['crashes', 'unexpected'], facts: ['files', 'mutations', 'tools'] },
  { name: 'hostile-time', unit: 'ms', limit: 12_000, command: HOSTILE, fields: ['slowestMs'], facts: ['worstMs'] },
  { name: 'hostile-memory', unit: 'MiB', limit: 640, command: HOSTILE, fields: ['largestMiB'], facts: ['worstMiB'] },
  { name: 'supply-chain', unit: 'problems', limit: 0, command: SUPPLY_CHAIN, fields: ['problems'], facts: ['direct', 'tree', 'listed', 'locked', 'withoutIntegrity', 'reviewedDaysAgo'] },
];
