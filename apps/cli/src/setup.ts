import { setTimeout as sleep } from 'node:timers/promises';
import { storeNames } from '@medley/config/own-stores';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import { connectService } from '@medley/grpc/client';
import { StorageServiceDefinition } from '@medley/proto/storage';
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
 * `medley setup`: opens the stores as the services do, which makes what is missing (the indexes, the bucket, those of tenants
 * that have their own), and waits until they say that they could work. For the moment before a rollout; harmless at any other.
 */
export async function setUp({ timeout }: SetupFlags, options: CommonOptions): Promise<ExitCode> {
  const interruption = new AbortController();
  void awaitStop().then(() => interruption.abort());
  try {
    const source = await readCliConfig(options.config, process.env);
    const stores = await spawnStores(source, interruption.signal);
    try {
      const until = { deadline: performance.now() + timeout, signal: interruption.signal };
      await untilNothing(() => stores.missing(), until);
      await untilReady(stores, storeNames(source.config), until);
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

interface Until {
  /** By the monotonic clock. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** The service itself is ready without the stores of single tenants, so each is asked for. */
async function untilReady({ addresses: { storage, token, tls } }: SpawnedStores, names: readonly StoreName[], until: Until): Promise<void> {
  const { rpc, close } = connectService(StorageServiceDefinition, { address: storage, token, tls });
  try {
    for (const store of names.filter((name) => name !== COMMON_STORE)) {
      await untilNothing(() => rpc.checkStore({ store }, { signal: until.signal }).then(() => [], (error: unknown) => [`the store of ${store}: ${String(error)}`]), until);
    }
  } finally {
    close();
  }
}

async function untilNothing(askMissing: () => Promise<readonly string[]>, { deadline, signal }: Until): Promise<void> {
  for (;;) {
    const missing = await orAbort(askMissing(), signal);
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`the stores are not ready in time: ${missing.join('; ')}`);
    await orAbort(sleep(PAUSE_MS), signal);
  }
}
