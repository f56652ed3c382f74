import type { ChannelOptions } from 'nice-grpc';

/** What a stream may have in flight. grpc's own 64 KiB would hold every stream to 64 KiB per round trip. */
export const WINDOW_BYTES = 4 * 1024 * 1024;
/** The size of one chunk: quick enough, and 16 queued messages (what grpc-js lets pile up) are 1 MiB. */
export const CHUNK_BYTES = 64 * 1024;

const COMMON: ChannelOptions = {
  'grpc.enable_channelz': 0,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** Connections end now and then so that callers find new replicas; running calls finish. */
export const SERVER_OPTIONS: ChannelOptions = {
  ...COMMON,
  // without it grpc-js does not know its connections, and a forced shutdown cuts none of them
  'grpc.enable_channelz': 1,
  'grpc.max_connection_age_ms': 300_000,
  'grpc.max_concurrent_streams': 1000,
};

/** Options of a client: every address that DNS names gets calls in turn, lost ones are tried again within 2 s. */
export function clientOptions(serviceConfig: string): ChannelOptions {
  return {
    ...COMMON,
    'grpc-node.flow_control_window': WINDOW_BYTES,
    'grpc.service_config': serviceConfig,
    'grpc.service_config_disable_resolution': 1,
    'grpc.dns_min_time_between_resolutions_ms': 5000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
  };
}
