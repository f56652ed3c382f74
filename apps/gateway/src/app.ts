import { ByteLane } from '@medley/byte-lane/byte-lane';
import { openPeerIdentity } from '@medley/grpc/peer-identity';
import type { RunningService } from '@medley/runtime/running-service';
import type { ServiceContext } from '@medley/runtime/run-service';
import { makeAuth } from './auth/make-auth.ts';
import { ServerKeys } from './auth/server-keys.ts';
import { BodyCache } from './cache/bodies.ts';
import { ChangeWatch, observeChangeWatch, timeChanges } from './cache/change-watch.ts';
import { KnownChanges } from './cache/known-changes.ts';
import { observeCaches } from './cache/lookups.ts';
import { withOwnActs } from './cache/own-acts.ts';
import { RecordCache } from './cache/records.ts';
import { ThumbnailCache } from './cache/thumbnails.ts';
import { toGatewayConfig, type GatewayConfig } from './config.ts';
import type { Gateway } from './gateway.ts';
import { Door } from './http/door/door.ts';
import { HotPath } from './http/hot-path.ts';
import { listen } from './http/listen.ts';
import { createHttpServer } from './http/server.ts';
import { Bell } from './jobs/bell.ts';
import { JobRunner, observeJobs } from './jobs/job-runner.ts';
import { Limits } from './limits/limits.ts';
import { PermitSource } from './limits/permit-source.ts';
import { Refusals } from './limits/refusals.ts';
import { SharedBuckets } from './limits/shared-buckets.ts';
import { Turns } from './limits/turns.ts';
import { Policies } from './policy/policies.ts';
import { Quotas } from './policy/quotas.ts';
import { gatewayMeasures } from './measures.ts';
import { GatewayReadiness } from './readiness.ts';
import { connectServices, type Services } from './services.ts';
import { BlobChecks } from './usecases/blob-checks.ts';
import { AccessMarks } from './usecases/mark-accessed.ts';
import { PreviewFlights } from './usecases/preview-flights.ts';
import { observeRemoteBudget } from './usecases/remote/remote-budget.ts';
import { RemoteMedia } from './usecases/remote/remote-media.ts';
import { createScanning } from './scanning/create-scanning.ts';
import { observeWebhooks, Webhooks } from './webhooks/webhooks.ts';

/** Every transfer under way holds one, and slow ones must not keep others waiting: the bound is only against running away. */
const LANE_CONNECTIONS = 10_000;

/** Starts the gateway: the one service that speaks Matrix's HTTP APIs. */
export async function startGateway({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const config = toGatewayConfig(whole);
  const changes = new KnownChanges({ maxStaleMs: config.cache.max_stale });
  const connected = connectServices(config.grpc, log, meter);
  const services = { ...connected, metadata: withOwnActs(connected.metadata, changes) };
  const permits = new PermitSource({ replicas: services.metadataReplicas, log, meter });
  const buckets = new SharedBuckets(permits);
  const gateway = makeGateway(config, { services, changes, permits, buckets, log, meter });
  let isStopping = false;
  const server = createHttpServer(gateway, meter, () => isStopping);
  const listening = await listen(server, config.listen);
  const webhooks = new Webhooks(config.webhooks, { metadata: services.metadata, log });
  const noteDelay = timeChanges(meter);
  const watch = new ChangeWatch(services.metadata, changes, log, (told) => {
    noteDelay(told);
    webhooks.ring();
  });
  observeChangeWatch(meter, watch, changes);
  const { records, bodies, thumbnails, hot } = gateway;
  observeCaches(meter, { records, bodies, thumbnails, hot });
  const readiness = new GatewayReadiness(services, config.homeservers[0]?.server_name ?? '', watch, gateway.door);
  const jobs = new JobRunner(gateway);
  observeJobs(meter, jobs);
  observeWebhooks(meter, webhooks);
  observeRemoteBudget(meter, gateway.remote.budget);
  return {
    name: 'gateway',
    addresses: { http: listening.url },
    readiness: () => readiness.check(),
    dependencies: readiness.dependencies,
    announceStop: () => void (isStopping = true),
    async stop(graceMs) {
      await Promise.all([listening.drain(graceMs), jobs.stop(graceMs), webhooks.stop(graceMs)]);
      await watch[Symbol.asyncDispose]();
      gateway.remote[Symbol.dispose]();
      await gateway.scanning[Symbol.asyncDispose]();
      await gateway.accesses[Symbol.asyncDispose]();
      buckets[Symbol.dispose]();
      services.close();
      gateway.door[Symbol.dispose]();
      await gateway.lane[Symbol.asyncDispose]();
    },
  };
}

/** What a gateway is made with; whoever made it ends it. */
interface Parts extends Omit<ServiceContext, 'config'> {
  readonly services: Services;
  readonly changes: KnownChanges;
  readonly permits: PermitSource;
  readonly buckets: SharedBuckets;
}

function makeGateway(config: GatewayConfig, { services, changes, permits, buckets, log, meter }: Parts): Gateway {
  const share = (part: number) => ({ maxBytes: Math.floor(config.cache.max_bytes * part), maxBodyBytes: config.cache.max_body_bytes });
  const policies = new Policies(config);
  const refusals = new Refusals(meter);
  const gateway: Gateway = {
    config,
    services,
    ...makeAuth(config),
    serverKeys: new ServerKeys(services.fetchReplicas, config),
    policies,
    quotas: new Quotas({ metadata: services.metadata, policies, lifetimeMs: config.reservationMs, log }, meter),
    lane: new ByteLane(LANE_CONNECTIONS, openPeerIdentity(config.grpc.storage, config.grpc.tls)),
    changes,
    records: new RecordCache(services.metadata, changes, config.cache.max_records),
    measures: gatewayMeasures(meter),
    checks: new BlobChecks(config.verifyAgainAfterMs, log, meter),
    bodies: new BodyCache(share(1 / 2)),
    thumbnails: new ThumbnailCache(share(1 / 4)),
    previews: new PreviewFlights(config.previews.max_per_user),
    turns: new Turns(config.rateLimits.thumbnails, refusals),
    limits: new Limits({ rates: config.rateLimits, listen: config.listen, shared: buckets, policies, refusals, log }),
    remote: new RemoteMedia({ rates: config.rateLimits.remote_download, permits, refusals }, { metadata: services.metadata, maxBytes: config.retention.max_remote_bytes, log }),
    door: new Door(config.listen, (origin) => gateway.tenants.isLocal(origin), meter),
    hot: new HotPath(share(1 / 4).maxBytes),
    accesses: new AccessMarks(services.metadata, log),
    scanning: createScanning({ config, services, log }, meter, () => gateway),
    newJobs: new Bell(),
    log,
  };
  return gateway;
}
