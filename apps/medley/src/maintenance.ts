import { storeNames } from '@medley/config/own-stores';
import { connectService } from '@medley/grpc/client';
import { Schedule } from '@medley/maintenance/schedule';
import { scheduledJobs } from '@medley/maintenance/scheduled-jobs';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';

/** Starts what keeps the stores clean and looked after, from time to time. It answers nobody. */
export async function startMaintenance({ config, log, meter }: ServiceContext): Promise<RunningService> {
  const { grpc, maintenance: settings, retention, homeservers } = config;
  const metadata = connectService(MetadataServiceDefinition, { ...grpc, address: grpc.metadata });
  const storage = connectService(StorageServiceDefinition, { ...grpc, address: grpc.storage });
  const jobs = scheduledJobs({ metadata: metadata.rpc, storage: storage.rpc, stores: storeNames(config), settings, retention, homeservers, log, meter });
  const schedule = new Schedule(jobs, { log });
  return {
    name: 'maintenance',
    addresses: {},
    readiness: async () => [],
    async stop() {
      await schedule[Symbol.asyncDispose]();
      metadata.close();
      storage.close();
    },
  };
}
