import { createChannel, createClientFactory, type Client } from 'nice-grpc';
import type { Meter } from '@medley/telemetry/metrics';
import { clientCalls } from './call-metrics.ts';
import { clientToken } from './call-token.ts';
import { clientOptions } from './channel-options.ts';
import { clientErrors } from './client-errors.ts';
import { toChannelCredentials, type TlsMaterial } from './credentials.ts';
import { clientDeadline, type DeadlineOptions } from './deadline.ts';
import type { OnReloadProblem } from './live-certificates.ts';
import { clientRequestId } from './request-id.ts';
import { toServiceConfig, type DescribedService } from './service-config.ts';

export interface ConnectOptions {
  /** `dns:///host:port` (all its addresses get calls), `host:port`, or `unix:///path`. */
  readonly address: string;
  readonly token?: string | undefined;
  readonly tls?: TlsMaterial | undefined;
  /** Told of certificates that were changed and can't be used. */
  readonly onTlsProblem?: OnReloadProblem | undefined;
  /** The deadline of a call that names none. */
  readonly timeoutMs?: number;
  /** The name that the peer's certificate must bear, where the address does not say it. */
  readonly serverName?: string | undefined;
  /** Whether reads that lose their peer are tried again; default: yes. */
  readonly retries?: boolean;
  /** Counts and times the calls. */
  readonly meter?: Meter | undefined;
}

/** A connected client. Its calls throw MediaError; every call takes `signal` and `timeoutMs`. */
export interface ConnectedClient<Service extends DescribedService> {
  readonly rpc: Client<Service, DeadlineOptions>;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Opens a channel to a service. Connecting happens with the first call, and again by itself whenever the peer is lost. */
export function connectService<Service extends DescribedService>(service: Service, options: ConnectOptions): ConnectedClient<Service> {
  const { retries = true, serverName } = options;
  const name = serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
  const channel = createChannel(options.address, toChannelCredentials(options.tls, options.onTlsProblem), { ...clientOptions(toServiceConfig(service, retries)), ...name });
  const factory = createClientFactory().use(clientCalls(options.meter)).use(clientRequestId).use(clientErrors)
    .use(clientDeadline(options.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  const withToken = options.token === undefined ? factory : factory.use(clientToken(options.token));
  return { rpc: withToken.create(service, channel), close: () => channel.close() };
}
