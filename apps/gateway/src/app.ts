import { ByteLane } from '@medley/byte-lane/byte-lane';
import type { RunningService } from '@medley/runtime/running-service';
import type { ServiceContext } from '@medley/runtime/run-service';
import { AdminCheck } from './auth/admin-check.ts';
import { ServerKeys } from './auth/server-keys.ts';
import { TokenCheck } from './auth/token-check.ts';
import { BodyCache } from './cache/bodies.ts';
import { ChangeWatch, observeChangeWatch } from './cache/change-watch.ts';
import { KnownChanges } from './cache/known-changes.ts';
import { RecordCache } from './cache/records.ts';
import { ThumbnailCache } from './cache/thumbnails.ts';
import { toGatewayConfig } from './config.ts';
import type { Gateway } from './gateway.ts';
import { HotPath } from './http/hot-path.ts';
import { drain, listen } from './http/listen.ts';
import { createHttpServer } from './http/server.ts';
import { Bell } from './jobs/bell.ts';
import { JobRunner, observeJobs } from './jobs/job-runner.ts';
import { checkReadiness } from './readiness.ts';
import { connectServices } from './services.ts';
import { BlobChecks } from './usecases/blob-checks.ts';
import { AccessMarks } from './usecases/mark-accessed.ts';
import { PreviewFlights } from './usecases/preview-flights.ts';
import { observeRemoteBudget } from './usecases/remote/remote-budget.ts';
import { RemoteMedia } from './usecases/remote/remote-media.ts';
import { Tenants } from './tenants.ts';
import { observeWebhooks, Webhooks } from './webhooks/webhooks.ts';

/** Every transfer under way holds one, and slow ones must not keep others waiting: the bound is only against running away. */
const LANE_CONNECTIONS = 10_000;

/** Starts the gateway: the one service that speaks Matrix's HTTP APIs. */
export async function startGateway({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const config = toGatewayConfig(whole);
  const services = connectServices(config.grpc);
  const changes = new KnownChanges({ maxStaleMs: config.cache.max_stale });
  const share = (part: number) => ({ maxBytes: Math.floor(config.cache.max_bytes * part), maxBodyBytes: config.cache.max_body_bytes });
  const gateway: Gateway = {
    config,
    services,
    tenants: new Tenants(config.homeservers),
    tokens: new TokenCheck(config.cache.token_lifetime),
    serverKeys: new ServerKeys(services.fetchReplicas, config),
    admins: new AdminCheck(config.cache.token_lifetime),
    lane: new ByteLane(LANE_CONNECTIONS),
    changes,
    records: new RecordCache(services.metadata, changes, config.cache.max_records),
    checks: new BlobChecks(config.verifyAgainAfterMs, log, meter),
    bodies: new BodyCache(share(1 / 2)),
    thumbnails: new ThumbnailCache(share(1 / 4)),
    previews: new PreviewFlights(config.previews.max_per_user),
    remote: new RemoteMedia(config.remoteDownloads, { metadata: services.metadata, maxBytes: config.retention.max_remote_bytes, log }),
    hot: new HotPath(share(1 / 4).maxBytes),
    accesses: new AccessMarks(services.metadata, log),
    newJobs: new Bell(),
    log,
  };
  let isStopping = false;
  const server = createHttpServer(gateway, meter, () => isStopping);
  const url = await listen(server, config.listen);
  const webhooks = new Webhooks(config.webhooks, { metadata: services.metadata, log });
  const watch = new ChangeWatch(services.metadata, changes, log, () => webhooks.ring());
  observeChangeWatch(meter, watch, changes);
  const jobs = new JobRunner(gateway);
  observeJobs(meter, jobs);
  observeWebhooks(meter, webhooks);
  observeRemoteBudget(meter, gateway.remote.budget);
  return {
    name: 'gateway',
    addresses: { http: url },
    readiness: () => checkReadiness(services, config.homeservers[0]?.server_name ?? ''),
    announceStop: () => void (isStopping = true),
    async stop(graceMs) {
      await Promise.all([drain(server, graceMs), jobs.stop(graceMs), webhooks.stop(graceMs)]);
      await watch[Symbol.asyncDispose]();
      gateway.remote[Symbol.dispose]();
      await gateway.accesses[Symbol.asyncDispose]();
      services.close();
      await gateway.lane[Symbol.asyncDispose]();
    },
  };
}
