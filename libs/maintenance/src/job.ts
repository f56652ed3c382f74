import type { MedleyConfig } from '@medley/config/schema';
import type { StoreName } from '@medley/domain/store-name';
import type { ConnectedClient } from '@medley/grpc/client';
import type { MetadataServiceDefinition } from '@medley/proto/metadata';
import type { StorageServiceDefinition } from '@medley/proto/storage';
import type { Logger } from '@medley/telemetry/logger';

export type MaintenanceSettings = MedleyConfig['maintenance'];

/** How far a job has come. */
export interface Progress {
  /** What it does now. */
  readonly step: 'rule' | 'budget' | 'expire' | 'trash' | 'remove' | 'condemn' | 'staging' | 'wait' | 'references' | 'blobs' | 'verify' | 'derived';
  /** How many it has dealt with in this step. */
  readonly count: number;
  /** How much of this step is done, from 0 to 1; absent where nobody can know. */
  readonly fraction?: number;
  /** In which store; absent: in the common one, or in none of them. */
  readonly store?: StoreName;
}

/**
 * What every job is given. A job may be run twice, beside others of its kind and beside a live system; one that was
 * killed is simply run again. It rejects when `signal` aborts, between two steps at the latest, and with MediaError when
 * a service can't be reached.
 */
export interface JobContext {
  readonly metadata: ConnectedClient<MetadataServiceDefinition>['rpc'];
  readonly storage: ConnectedClient<StorageServiceDefinition>['rpc'];
  /** Those that are looked after, in the order of their names. */
  readonly stores: readonly StoreName[];
  readonly settings: MaintenanceSettings;
  readonly log: Logger;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
  /** Says what would be done, and changes nothing. */
  readonly dryRun: boolean;
}

/** The same for what is done within one store. */
export interface StoreContext extends JobContext {
  readonly store: StoreName;
}

/** The most that one call may name. */
export const BATCH = 1000;
