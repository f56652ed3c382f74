import { createServer, type ServiceImplementation } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import { readDescriptorSet } from '@medley/proto/descriptor-set';
import { removeStaleSocket } from '@medley/runtime/stale-socket';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import { callMetrics } from './call-metrics.ts';
import { serverToken } from './call-token.ts';
import { observeCertificate } from './certificate-expiry.ts';
import { SERVER_OPTIONS } from './channel-options.ts';
import { toServerCredentials, type TlsMaterial } from './credentials.ts';
import { serverDeadline } from './deadline.ts';
import { serverRequestId } from './request-id.ts';
import { serverErrors } from './server-errors.ts';
import type { DescribedService } from './service-config.ts';
import { widenServerWindows } from './server-windows.ts';

export type { CallContext, ServiceImplementation } from 'nice-grpc';

export interface ServeOptions<Service extends DescribedService> {
  readonly service: Service;
  readonly implementation: ServiceImplementation<Service>;
  /** `host:port` (port 0 takes a free one) or `unix:///path`. */
  readonly listen: string;
  readonly token?: string | undefined;
  readonly tls?: TlsMaterial | undefined;
  readonly log: Logger;
  readonly meter: Meter;
}

export interface GrpcServer {
  /** Where it can be called. */
  readonly address: string;
  /** Refuses new calls, lets running ones finish for at most `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

const UNIX = 'unix://';

/** Serves one service with health and reflection beside it. */
export async function serveGrpc<Service extends DescribedService>(options: ServeOptions<Service>): Promise<GrpcServer> {
  widenServerWindows();
  if (options.listen.startsWith(UNIX)) await removeStaleSocket(options.listen.slice(UNIX.length));
  const health = HealthState();
  const server = buildServer(options, health, await readDescriptorSet());
  const port = await server.listen(options.listen, toServerCredentials(options.tls, (error) => options.log.warn({ error: error.message }, 'new certificates can not be used')));
  if (options.tls !== undefined) observeCertificate(options.meter, options.tls);
  health.setStatus('healthy', options.service.fullName);
  return {
    address: options.listen.startsWith(UNIX) ? options.listen : options.listen.replace(/:\d+$/, `:${port}`),
    async stop(graceMs) {
      health.setStatus('unhealthy');
      health.setStatus('unhealthy', options.service.fullName);
      const cut = setTimeout(() => server.forceShutdown(), graceMs);
      await server.shutdown();
      clearTimeout(cut);
    },
  };
}

function buildServer<Service extends DescribedService>(options: ServeOptions<Service>, health: HealthState, descriptors: Buffer) {
  const base = createServer(SERVER_OPTIONS)
    .use(callMetrics(options.meter, options.service.fullName))
    .use(serverRequestId)
    .use(serverDeadline)
    .use(serverErrors(options.log));
  const server = options.token === undefined ? base : base.use(serverToken(options.token));
  server.add(options.service, options.implementation);
  server.add(HealthDefinition, HealthServiceImpl(health));
  server.add(ServerReflectionService, ServerReflection(descriptors, [options.service.fullName]));
  return server;
}
