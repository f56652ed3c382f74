import { setTimeout as sleep } from 'node:timers/promises';
import { awaitStop } from '@medley/runtime/shutdown';
import { orAbort } from '@medley/streams/abort';
import { readCliConfig } from './cli-config.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { CommonOptions } from './options.ts';
import { spawnStores, type SpawnedStores } from './spawn-stores.ts';
import { tellFailure, tellOutcome } from './tell.ts';

/** What `medley setup` understands besides. */
export interface SetupFlags {
  /** In milliseconds. */
  readonly timeout: number;
}

const COMMAND = 'setup';
const PAUSE_MS = 250;

/**
 * `medley setup`: opens the stores as the services do, which makes what is missing (the indexes, the bucket), and waits until
 * they say that they could work. For the moment before a rollout; harmless at any other.
 */
export async function setUp({ timeout }: SetupFlags, options: CommonOptions): Promise<ExitCode> {
  const interruption = new AbortController();
  void awaitStop().then(() => interruption.abort());
  try {
    const source = await readCliConfig(options.config, process.env);
    const stores = await spawnStores(source, interruption.signal);
    try {
      await untilReady(stores, performance.now() + timeout, interruption.signal);
    } finally {
      await stores.close();
    }
    const { metadata, storage } = source.config;
    tellOutcome(COMMAND, { report: { metadata: metadata.kind, storage: storage.kind }, lines: [`${metadata.kind} and ${storage.kind} are ready`], exitCode: EXIT.ok }, options);
    return EXIT.ok;
  } catch (error) {
    return tellFailure(COMMAND, error, { ...options, isInterrupted: interruption.signal.aborted });
  }
}

async function untilReady(stores: SpawnedStores, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const missing = await orAbort(stores.missing(), signal);
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`the stores are not ready in time: ${missing.join('; ')}`);
    await orAbort(sleep(PAUSE_MS), signal);
  }
}
