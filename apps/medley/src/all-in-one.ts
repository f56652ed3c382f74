import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MedleyConfig } from '@medley/config/schema';
import { startFederationFetch } from '@medley/federation-fetch/app';
import { startGateway } from '@medley/gateway/app';
import { startMetadata } from '@medley/metadata/app';
import type { ServiceContext, StartService } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';
import { createLogger } from '@medley/telemetry/logger';
import { startStorage } from '@medley/storage/app';
import { startThumbnail } from '@medley/thumbnail/app';
import { startUrlPreview } from '@medley/url-preview/app';
import { startMaintenance } from './maintenance.ts';

interface NamedService {
  readonly name: string;
  readonly start: StartService;
}

/** In the order they start; they stop in the reverse order, so that nobody loses whom it calls. */
const STORES: readonly NamedService[] = [
  { name: 'metadata', start: startMetadata },
  { name: 'storage', start: startStorage },
];
const SERVICES: readonly NamedService[] = [
  ...STORES,
  { name: 'thumbnail', start: startThumbnail },
  { name: 'url-preview', start: startUrlPreview },
  { name: 'federation-fetch', start: startFederationFetch },
  { name: 'gateway', start: startGateway },
  { name: 'maintenance', start: startMaintenance },
];

/**
 * Starts every service in this process. They talk to each other by the same RPCs as in a cluster, over unix sockets
 * in a folder that only this user can enter.
 */
export function startAllInOne(context: ServiceContext): Promise<RunningService> {
  return startTogether(SERVICES, context);
}

/** Starts only the services that keep something, in the same way. */
export function startStores(context: ServiceContext): Promise<RunningService> {
  return startTogether(STORES, context);
}

async function startTogether(services: readonly NamedService[], context: ServiceContext): Promise<RunningService> {
  const sockets = await mkdtemp(join(tmpdir(), 'medley-'));
  const running: RunningService[] = [];
  const stop = async (graceMs: number): Promise<void> => {
    for (const service of running.toReversed()) await service.stop(graceMs);
    await rm(sockets, { recursive: true, force: true });
  };
  try {
    for (const { name, start } of services) {
      const log = createLogger(name, context.config.telemetry.log_level);
      running.push(await start({ ...context, log, config: overSockets(context.config, sockets, name) }));
    }
  } catch (error) {
    await stop(0);
    throw error;
  }
  // Several ask after the same service; one of them is enough.
  const byName = new Map(running.flatMap((service) => service.dependencies ?? []).map((one) => [one.state.name, one]));
  return {
    name: 'medley',
    addresses: Object.assign({}, ...running.map((service) => ({ [service.name]: Object.values(service.addresses)[0] }))),
    readiness: async () => [...new Set((await Promise.all(running.map((service) => service.readiness()))).flat())],
    dependencies: [...byName.values()],
    announceStop: () => running.forEach((service) => service.announceStop?.()),
    stop,
  };
}

function overSockets(config: MedleyConfig, folder: string, self: string): MedleyConfig {
  const at = (name: string): string => `unix://${join(folder, `${name}.sock`)}`;
  const addresses = {
    metadata: at('metadata'), storage: at('storage'), thumbnail: at('thumbnail'), url_preview: at('url-preview'), federation_fetch: at('federation-fetch'),
  };
  const grpc = { ...config.grpc, ...addresses, listen: at(self), token: undefined, tls: undefined };
  return { ...config, grpc, data_port: { listen: at('storage-data') } };
}
