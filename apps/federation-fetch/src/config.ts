import type { FederationConfig } from '@medley/config/federation';
import type { GrpcConfig, HomeserverConfig, MedleyConfig } from '@medley/config/schema';
import type { FetchPolicy } from '@medley/safe-fetch/fetch-policy';
import type { TurnLimits } from './media/turns.ts';

/** What the federation-fetch service takes from the configuration. */
export interface FederationFetchConfig {
  readonly grpc: Pick<GrpcConfig, 'listen' | 'storage' | 'token' | 'tls'>;
  readonly federation: FederationConfig;
  /** In whose names it asks. */
  readonly homeservers: readonly Pick<HomeserverConfig, 'server_name' | 'signing_key'>[];
}

export function readFederationFetchConfig({ grpc, federation, homeservers }: MedleyConfig): FederationFetchConfig {
  return { grpc, federation, homeservers };
}

/** What may be fetched from other servers. They choose their own ports; which servers are asked at all is judged by their names. */
export function toFetchPolicy({ user_agent: userAgent, ca, proxy, ...config }: FederationConfig): FetchPolicy {
  return {
    userAgent,
    ports: 'unreserved',
    networks: { denied: config.denied_networks, allowed: config.allowed_networks },
    allowsDowngrade: false,
    ...(ca !== undefined && { ca }),
    ...(proxy !== undefined && { proxy }),
  };
}

/** How many transfers there may be at once. One waits for its turn no longer than for an answer. */
export function toTurnLimits(config: FederationConfig): TurnLimits {
  return { max: config.max_concurrent, maxPerServer: config.max_concurrent_per_server, maxQueued: config.max_queued, maxWaitMs: config.timeout };
}
